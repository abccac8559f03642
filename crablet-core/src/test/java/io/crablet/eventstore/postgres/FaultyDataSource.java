package io.crablet.eventstore.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Real connections, with which something goes wrong when it is told so. Counts how many are borrowed. */
final class FaultyDataSource extends DelegatingDataSource {

    /** The close of a connection, which gives it back. */
    static final String RETURN = "return";

    /** What goes wrong. */
    interface Fault {
        void run() throws SQLException;
    }

    private final AtomicInteger borrowed = new AtomicInteger();
    private final AtomicInteger mostBorrowed = new AtomicInteger();
    private final AtomicReference<@Nullable SQLException> failure = new AtomicReference<>();
    private final Map<String, Fault> before = new ConcurrentHashMap<>();
    private final Map<String, Fault> after = new ConcurrentHashMap<>();
    private final ReentrantLock lending = new ReentrantLock();

    FaultyDataSource(DataSource target) {
        super(target);
    }

    int mostBorrowed() {
        return mostBorrowed.get();
    }

    /** Has the next borrow fail. */
    void failNext(SQLException e) {
        failure.set(e);
    }

    /** Runs something before the next call of a method of a connection or a statement. */
    void before(String method, Fault action) {
        before.put(method, action);
    }

    /** Runs something after the next call of a method of a connection or a statement has returned. */
    void after(String method, Fault action) {
        after.put(method, action);
    }

    /** Has all who borrow wait until {@link #lendAgain}, which the same thread has to call. */
    void stopLending() {
        lending.lock();
    }

    void lendAgain() {
        lending.unlock();
    }

    /** Returns how many wait to borrow. */
    int waiting() {
        return lending.getQueueLength();
    }

    @Override
    public Connection getConnection() throws SQLException {
        lending.lock();
        lending.unlock();
        SQLException e = failure.getAndSet(null);
        if (e != null) {
            throw e;
        }
        Connection connection = super.getConnection();
        mostBorrowed.accumulateAndGet(borrowed.incrementAndGet(), Math::max);
        return proxy(Connection.class, connection);
    }

    private <T> T proxy(Class<T> type, Object target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> invoke(target, method, arguments)));
    }

    private @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        boolean isReturn = target instanceof Connection && method.getName().equals("close");
        String name = isReturn ? RETURN : method.getName();
        run(before.remove(name));
        if (isReturn) {
            borrowed.decrementAndGet();
        }
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        run(after.remove(name));
        return result instanceof PreparedStatement statement ? proxy(PreparedStatement.class, statement) : result;
    }

    private static void run(@Nullable Fault action) throws SQLException {
        if (action != null) {
            action.run();
        }
    }
}
