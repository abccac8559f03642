package io.crablet.pool.ledger;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of the driver's own that may read through the connection, such as a large object or what a borrower has unwrapped,
 * behind all the interfaces it has.
 */
final class TrackedDriverObject extends Tracked {

    private static final ClassValue<Class<?>[]> INTERFACES = new ClassValue<>() {
        @Override
        protected Class<?>[] computeValue(Class<?> type) {
            Set<Class<?>> interfaces = new LinkedHashSet<>();
            for (Class<?> known = type; known != null; known = known.getSuperclass()) {
                interfaces.addAll(List.of(known.getInterfaces()));
            }
            interfaces.removeIf(one -> !Modifier.isPublic(one.getModifiers()));
            return interfaces.toArray(Class<?>[]::new);
        }
    };

    private TrackedDriverObject(Object found, Borrow borrow, Tracked origin) {
        super(found, borrow, origin);
    }

    /**
     * Stands in for an object of the driver.
     *
     * @param origin what it came from
     */
    static Object proxy(Object found, Tracked origin, Borrow borrow) {
        return Proxy.newProxyInstance(
                found.getClass().getClassLoader(),
                INTERFACES.get(found.getClass()),
                new TrackedDriverObject(found, borrow, origin));
    }

    /** Whether it has nothing to offer but one interface. */
    static boolean isNothingBut(Class<?> type, Object found) {
        Class<?>[] interfaces = INTERFACES.get(found.getClass());
        return interfaces.length == 1 && interfaces[0] == type;
    }

    /**
     * The arguments with the driver's own objects in the place of what stands in for them: the driver treats its own arrays
     * better than others'. The caller's array stays as it is.
     */
    static @Nullable Object[] behind(@Nullable Object[] arguments) {
        @Nullable Object[] found = arguments;
        for (int i = 0; i < arguments.length; i++) {
            Object own = behind(arguments[i]);
            if (own != arguments[i]) {
                if (found == arguments) {
                    found = arguments.clone();
                }
                found[i] = own;
            }
        }
        return found;
    }

    /** The same of one argument. */
    static @Nullable Object behind(@Nullable Object argument) {
        if (argument instanceof TrackedArray tracked) {
            return tracked.target();
        }
        if (argument instanceof Proxy) {
            InvocationHandler handler = Proxy.getInvocationHandler(argument);
            if (handler instanceof TrackedDriverObject tracked) {
                return tracked.target();
            }
        }
        return argument;
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        Object result = ask(method, arguments);
        if (!Values.isValue(result)) {
            // The driver's statements, copy manager and so on lead to its connection, and not to the borrower's.
            usage().escaped();
        }
        return result;
    }
}
