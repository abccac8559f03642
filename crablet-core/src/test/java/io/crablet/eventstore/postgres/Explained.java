package io.crablet.eventstore.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** One connection, whose server says of each statement how it was executed. */
final class Explained {

    /** Of a plan's root, whose figures include those of its children and of the functions that it calls. */
    private static final Pattern BUFFERS =
            Pattern.compile("\"Shared Hit Blocks\": (\\d+),\\s+\"Shared Read Blocks\": (\\d+)");

    private final List<String> plans = new ArrayList<>();
    private final DataSource dataSource;

    Explained(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("load 'auto_explain'");
            statement.execute("set auto_explain.log_min_duration = 0");
            statement.execute("set auto_explain.log_analyze = on");
            statement.execute("set auto_explain.log_buffers = on");
            statement.execute("set auto_explain.log_format = json");
            statement.execute("set auto_explain.log_level = notice");
        }
        dataSource = new SingleConnectionDataSource(listening(Connection.class, connection), true);
    }

    DataSource dataSource() {
        return dataSource;
    }

    /** Returns how many blocks of tables and indexes the work looks at when it is done for the twelfth time. */
    long buffers(Runnable work) {
        for (int i = 0; i < 11; i++) {
            work.run();
        }
        plans.clear();
        work.run();
        return plans.stream().mapToLong(Explained::buffersOf).sum();
    }

    private static long buffersOf(String plan) {
        Matcher matcher = BUFFERS.matcher(plan);
        if (!matcher.find()) {
            throw new IllegalStateException(plan);
        }
        return Long.parseLong(matcher.group(1)) + Long.parseLong(matcher.group(2));
    }

    private <T> T listening(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> invoke(target, method, arguments)));
    }

    private Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        if (target instanceof Statement statement && method.getName().startsWith("execute")) {
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                plans.add(notice.getMessage());
            }
        }
        return result instanceof PreparedStatement statement ? listening(PreparedStatement.class, statement) : result;
    }
}
