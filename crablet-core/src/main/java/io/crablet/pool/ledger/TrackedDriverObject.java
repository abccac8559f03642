package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a borrower has unwrapped, such as the driver's own connection, behind all the interfaces it has. */
final class TrackedDriverObject extends Tracked {

    /** What it was unwrapped from: whoever reaches this object reaches the connection. */
    private final Object origin;

    private TrackedDriverObject(Object found, Borrow borrow, Object origin) {
        super(found, borrow);
        this.origin = origin;
    }

    /**
     * Stands in for an object of the driver.
     *
     * @param type an interface of it
     * @param origin what it was unwrapped from
     */
    static Object proxy(Object found, Class<?> type, Object origin, Borrow borrow) {
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        interfaces.add(type);
        for (Class<?> known = found.getClass(); known != null; known = known.getSuperclass()) {
            interfaces.addAll(Set.of(known.getInterfaces()));
        }
        return Proxy.newProxyInstance(
                found.getClass().getClassLoader(),
                interfaces.toArray(Class<?>[]::new),
                new TrackedDriverObject(found, borrow, origin));
    }

    @Override
    @Nullable
    Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        usage().used();
        Object result = pass(method, arguments);
        Reference.reachabilityFence(origin);
        if (result != null && !isValue(method.getReturnType())) {
            // The driver's statements, copy manager and so on lead to its connection, and not to the borrower's.
            usage().escaped();
        }
        return result;
    }

    private static boolean isValue(Class<?> type) {
        return type.isPrimitive()
                || type.isEnum()
                || type.isArray()
                || type.getName().startsWith("java.lang.");
    }
}
