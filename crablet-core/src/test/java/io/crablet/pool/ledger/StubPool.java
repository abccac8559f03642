package io.crablet.pool.ledger;

import io.crablet.pool.PoolCounts;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lends a connection that does nothing but to remember what was called, on it and on everything opened through it. */
class StubPool implements LendingPool, InvocationHandler {

    private final List<Method> calls = new ArrayList<>();

    private final List<Connection> evicted = new ArrayList<>();

    private @Nullable Throwable failure;

    /** From now on every call fails. */
    void failWith(Throwable failure) {
        this.failure = failure;
    }

    void forget() {
        calls.clear();
    }

    List<Method> calls() {
        return calls;
    }

    List<Connection> evicted() {
        return evicted;
    }

    @Override
    public String name() {
        return "stub";
    }

    @Override
    public Connection lend() {
        return stub(Connection.class);
    }

    @Override
    public void evict(Connection connection) {
        evicted.add(connection);
    }

    @Override
    public PoolCounts counts() {
        return new PoolCounts(0, 0, 0, 0, 1);
    }

    private <T> T stub(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        calls.add(method);
        if (failure != null) {
            throw failure;
        }
        return value(method.getReturnType());
    }

    private @Nullable Object value(Class<?> type) {
        if (type.isInterface()) {
            return stub(type);
        }
        return Defaults.of(type);
    }

    /** What a method may be called with, or return. */
    static final class Defaults {

        private Defaults() {}

        static @Nullable Object of(Class<?> type) {
            if (type == boolean.class) {
                return false;
            }
            if (type == char.class) {
                return 'x';
            }
            if (!type.isPrimitive() || type == void.class) {
                return null;
            }
            return java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(type, 1), 0);
        }

        static @Nullable Object[] arguments(Method method) {
            Class<?>[] types = method.getParameterTypes();
            @Nullable Object[] arguments = new @Nullable Object[types.length];
            for (int i = 0; i < types.length; i++) {
                arguments[i] = of(types[i]);
            }
            return arguments;
        }
    }
}
