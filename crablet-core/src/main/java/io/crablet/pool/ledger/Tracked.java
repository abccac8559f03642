package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.ParameterMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something of JDBC that was handed to a borrower: passes every call on. What a class does not pass on itself comes here by name.
 * Whatever is opened through it leads back to it, and so to the connection, for as long as the borrower can reach it: that is
 * what makes a leak certain.
 */
abstract class Tracked implements InvocationHandler {

    private static final @Nullable Object[] NO_ARGUMENTS = {};

    private final Object target;

    private final Borrow borrow;

    /** What it was opened through: whoever reaches this object reaches the connection. Null of the connection itself. */
    private final @Nullable Tracked origin;

    Tracked(Object target, Borrow borrow, @Nullable Tracked origin) {
        this.target = target;
        this.borrow = borrow;
        this.origin = origin;
    }

    final Object target() {
        return target;
    }

    final Tracked origin() {
        return Objects.requireNonNull(origin);
    }

    /** The borrower's connection. */
    TrackedConnection connection() {
        return origin().connection();
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
                case "toString" -> toString();
                case "unwrap" -> unwrap(proxy, method, arguments);
                case "isWrapperFor" ->
                    arguments[0] instanceof Class<?> type && type.isInstance(proxy)
                            ? Boolean.TRUE
                            : pass(method, arguments);
                case "isClosed" -> isOver() ? Boolean.TRUE : pass(method, arguments);
                default -> call(method, arguments);
            };
        } finally {
            // Otherwise a call that nobody follows up, such as the last one of a method, could run on a "leaked"
            // connection.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final String toString() {
        return target.toString();
    }

    /** Handles a call of what the interface is for. */
    abstract @Nullable Object call(Method method, @Nullable Object[] arguments) throws Throwable;

    /** Whether it counts as closed, whatever the pool's own object says. */
    boolean isOver() {
        return borrow.loan().isTakenBack();
    }

    /** Precedes a call of the pool's own object that is over at once. */
    final void uses() throws SQLException {
        borrow.loan().requireNotTakenBack();
        usage().called();
    }

    /** Precedes one that may wait for the server, as one of many. */
    final void beginsToWait() throws SQLException {
        borrow.loan().requireNotTakenBack();
        usage().beginsToWait();
    }

    /** Follows it. */
    final void endsToWait() {
        usage().endsToWait();
    }

    /** Calls the pool's own object. */
    final @Nullable Object pass(Method method, @Nullable Object[] arguments) throws Throwable {
        uses();
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

    /** What a call has returned, as the borrower gets it: what may read through the connection leads to it. */
    final @Nullable Object value(@Nullable Object value) {
        if (value instanceof ResultSet rows) {
            return TrackedResultSet.of(rows, borrow, connection());
        }
        if (value instanceof Array array && TrackedDriverObject.isNothingBut(Array.class, array)) {
            return TrackedArray.of(array, borrow, this);
        }
        if (value instanceof Blob
                || value instanceof Clob
                || value instanceof Array
                || value instanceof ResultSetMetaData
                || value instanceof ParameterMetaData) {
            return TrackedDriverObject.proxy(value, this, borrow);
        }
        if (!Values.isValue(value)) {
            // Such as a stream, which reads on through the driver's connection, not through the borrower's.
            usage().escaped();
        }
        return value;
    }

    private Throwable explained(Throwable failure) {
        return failure instanceof SQLException of ? explained(of) : failure;
    }

    /** What was taken back in the middle of a call fails in a way that says nothing of it. */
    final SQLException explained(SQLException failure) {
        try {
            borrow.loan().requireNotTakenBack();
        } catch (SQLException why) {
            why.initCause(failure);
            return why;
        }
        return failure;
    }

    private @Nullable Object unwrap(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        if (arguments[0] instanceof Class<?> type && type.isInstance(proxy)) {
            return proxy;
        }
        Object found = pass(method, arguments);
        // Through it the driver's own settings can be changed.
        usage().changed();
        if (found != null && arguments[0] instanceof Class<?> type && type.isInterface()) {
            return TrackedDriverObject.proxy(found, this, borrow);
        }
        // A class cannot be stood in for.
        usage().escaped();
        return found;
    }
}
