package io.crablet.pool.ledger;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;
import org.springframework.cglib.core.SpringNamingPolicy;
import org.springframework.cglib.proxy.Callback;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.InvocationHandler;
import org.springframework.cglib.proxy.NoOp;

/**
 * Completes a class of tracked objects: those methods of JDBC that it does not have itself, later versions' too, are handed to {@link
 * Tracked#invoke}. Those that it has cost no more than a call. A record, as the JVM trusts its field: making an object is then as
 * cheap as {@code new}.
 */
record Completion<T extends Tracked>(Class<T> type, MethodHandle constructor) {

    private static final MethodType CONSTRUCTOR =
            MethodType.methodType(void.class, Object.class, Borrow.class, Tracked.class);

    private static final InvocationHandler BY_HAND =
            (tracked, method, arguments) -> ((Tracked) tracked).invoke(tracked, method, arguments);

    /**
     * Completes a class, which has a constructor with the parameters of {@link #make}.
     *
     * @param interfaces those that the class does not name itself
     */
    static <T extends Tracked> Completion<T> of(Class<T> type, Class<?>... interfaces) {
        Enhancer enhancer = new Enhancer();
        enhancer.setSuperclass(type);
        enhancer.setInterfaces(interfaces);
        enhancer.setUseFactory(false);
        enhancer.setNamingPolicy(SpringNamingPolicy.INSTANCE);
        enhancer.setCallbackTypes(new Class<?>[] {NoOp.class, InvocationHandler.class});
        enhancer.setCallbackFilter(method -> method.getDeclaringClass().isInterface() ? 1 : 0);
        Class<?> completed = enhancer.createClass();
        Enhancer.registerStaticCallbacks(completed, new Callback[] {NoOp.INSTANCE, BY_HAND});
        try {
            return new Completion<>(
                    type,
                    MethodHandles.privateLookupIn(completed, MethodHandles.lookup())
                            .findConstructor(completed, CONSTRUCTOR)
                            .asType(CONSTRUCTOR.changeReturnType(Object.class)));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be completed", e);
        }
    }

    /**
     * Makes an object.
     *
     * @param target the pool's own
     * @param origin the object it was opened through
     */
    T make(Object target, Borrow borrow, @Nullable Tracked origin) {
        try {
            return type.cast((Object) constructor.invokeExact(target, borrow, origin));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
