package io.crablet.benchmarks.ledger;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import org.springframework.cglib.proxy.Callback;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.InvocationHandler;
import org.springframework.cglib.proxy.NoOp;

/** Completes a class that has only those methods of its interface which are called. These are called directly, the others fail. */
final class Stubs {

    private Stubs() {}

    static MethodHandle constructor(Class<?> part) {
        Enhancer enhancer = new Enhancer();
        enhancer.setSuperclass(part);
        enhancer.setUseFactory(false);
        enhancer.setCallbackTypes(new Class<?>[] {NoOp.class, InvocationHandler.class});
        enhancer.setCallbackFilter(method -> Modifier.isAbstract(method.getModifiers()) ? 1 : 0);
        Class<?> completed = enhancer.createClass();
        Enhancer.registerStaticCallbacks(completed, new Callback[] {
            NoOp.INSTANCE,
            (InvocationHandler) (stub, method, arguments) -> {
                throw new UnsupportedOperationException(method.toString());
            }
        });
        try {
            return MethodHandles.privateLookupIn(completed, MethodHandles.lookup())
                    .findConstructor(completed, MethodType.methodType(void.class))
                    .asType(MethodType.methodType(part));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(part + " cannot be completed", e);
        }
    }
}
