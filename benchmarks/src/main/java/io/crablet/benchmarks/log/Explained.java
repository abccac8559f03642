package io.crablet.benchmarks.log;

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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** One connection, whose server says of each statement, and of those in functions, how it was executed. */
final class Explained {

    private final List<Plan> plans = new ArrayList<>();
    private final DataSource dataSource;

    Explained(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("load 'auto_explain'");
            statement.execute("set auto_explain.log_min_duration = 0");
            statement.execute("set auto_explain.log_analyze = on");
            statement.execute("set auto_explain.log_buffers = on");
            statement.execute("set auto_explain.log_nested_statements = on");
            statement.execute("set auto_explain.log_level = notice");
        }
        dataSource = new SingleConnectionDataSource(listening(Connection.class, connection), true);
    }

    DataSource dataSource() {
        return dataSource;
    }

    /** Returns the plans of the work when it is done for the twelfth time: prepared statements have got their last one by then. */
    List<Plan> plansOf(Runnable work) {
        for (int i = 0; i < 12; i++) {
            plans.clear();
            work.run();
        }
        return List.copyOf(plans);
    }

    private <T> T listening(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> invoke(target, method, arguments)));
    }

    private @Nullable Object invoke(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        Object result;
        try {
            result = method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        if (target instanceof Statement statement && method.getName().startsWith("execute")) {
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                plans.add(Plan.parse(String.valueOf(notice.getMessage())));
            }
        }
        return result instanceof PreparedStatement statement ? listening(PreparedStatement.class, statement) : result;
    }
}
