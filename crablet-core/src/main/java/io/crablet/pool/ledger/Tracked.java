package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something of JDBC that was handed to a borrower: passes every call on. Whatever is opened through it leads back to it, and so to
 * the connection, for as long as the borrower can reach it: that is what makes a leak certain.
 */
abstract class Tracked implements InvocationHandler {

    private static final @Nullable Object[] NO_ARGUMENTS = {};

    private final Object target;

    private final Borrow borrow;

    Tracked(Object target, Borrow borrow) {
        this.target = target;
        this.borrow = borrow;
    }

    final Object target() {
        return target;
    }

    public final Borrow borrow() {
        return borrow;
    }

    final Usage usage() {
        return borrow.usage();
    }

    @Override
    public final @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] argumentsIfAny)
            throws Throwable {
        @Nullable Object[] arguments = argumentsIfAny == null ? NO_ARGUMENTS : argumentsIfAny;
        try {
            return switch (method.getName()) {
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> System.identityHashCode(proxy);
                case "toString" -> target.toString();
                case "unwrap" -> unwrap(proxy, method, arguments);
                case "isWrapperFor" ->
                    arguments[0] instanceof Class<?> type && (type.isInstance(proxy) || isItself(type))
                            ? Boolean.TRUE
                            : pass(method, arguments);
                case "isClosed" -> isOver() ? Boolean.TRUE : pass(method, arguments);
                default -> call(proxy, method, arguments);
            };
        } finally {
            // Otherwise a call that nobody follows up, such as the last one of a method, could run on a "leaked"
            // connection.
            Reference.reachabilityFence(proxy);
        }
    }

    /** Handles a call of what the interface is for. */
    abstract @Nullable Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable;

    /** Whether it counts as closed, whatever the pool's own object says. */
    boolean isOver() {
        return borrow.loan().isTakenBack();
    }

    /** Calls the pool's own object. */
    final @Nullable Object pass(Method method, @Nullable Object[] arguments) throws Throwable {
        borrow.loan().requireNotTakenBack();
        usage().called();
        try {
            return method.invoke(target, TrackedDriverObject.behind(arguments));
        } catch (InvocationTargetException e) {
            throw explained(e.getTargetException());
        } finally {
            usage().called();
            // They lead to the connections that they came from.
            Reference.reachabilityFence(arguments);
        }
    }

    /** The same of a call that may ask the server something, and wait for it. */
    final @Nullable Object ask(Method method, @Nullable Object[] arguments) throws Throwable {
        usage().statementBegins();
        try {
            return pass(method, arguments);
        } finally {
            usage().statementEnds();
        }
    }

    /** The same of a call that always returns something. */
    final Object required(Method method, @Nullable Object[] arguments) throws Throwable {
        return Objects.requireNonNull(pass(method, arguments), method::getName);
    }

    /**
     * What a call has returned, as the borrower gets it: what may read through the connection leads to it.
     *
     * @param connection the borrower's connection
     * @param origin the object whose method it was
     */
    final @Nullable Object value(Connection connection, Object origin, @Nullable Object value) {
        if (value instanceof ResultSet rows) {
            return proxy(ResultSet.class, new TrackedResultSet(rows, borrow, connection, null));
        }
        if (value instanceof Blob
                || value instanceof Clob
                || value instanceof Array
                || value instanceof ResultSetMetaData
                || value instanceof ParameterMetaData) {
            return TrackedDriverObject.proxy(value, origin, borrow);
        }
        if (!Values.isValue(value)) {
            // Such as a stream, which reads on through the driver's connection, not through the borrower's.
            usage().escaped();
        }
        return value;
    }

    /** What was taken back in the middle of a call fails in a way that says nothing of it. */
    private Throwable explained(Throwable failure) {
        if (failure instanceof SQLException) {
            try {
                borrow.loan().requireNotTakenBack();
            } catch (SQLException why) {
                why.initCause(failure);
                return why;
            }
        }
        return failure;
    }

    private @Nullable Object unwrap(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        if (arguments[0] instanceof Class<?> type && type.isInstance(proxy)) {
            return proxy;
        }
        if (arguments[0] instanceof Class<?> type && isItself(type)) {
            return this;
        }
        Object found = pass(method, arguments);
        // Through it the driver's own settings can be changed.
        usage().changed();
        if (found != null && arguments[0] instanceof Class<?> type && type.isInterface()) {
            return TrackedDriverObject.proxy(found, proxy, borrow);
        }
        // A class cannot be stood in for.
        usage().escaped();
        return found;
    }

    private boolean isItself(Class<?> type) {
        return type == Borrowed.class && type.isInstance(this);
    }

    /** Makes what the borrower gets in the place of the pool's own object. */
    static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Tracked.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
