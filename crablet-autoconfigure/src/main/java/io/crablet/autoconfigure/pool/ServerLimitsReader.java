package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.crablet.pool.postgres.ServerLimits;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.beans.MutablePropertyValues;
import org.springframework.util.ClassUtils;

/** Reads the limits of the server that a pool connects to, in bounded time. */
final class ServerLimitsReader {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private ServerLimitsReader() {}

    /**
     * Reads the limits over one connection of its own, which is closed again. A pool that has started already lends one of
     * its own instead: it may have taken the last that the server had.
     *
     * @return the limits; null if the database is not PostgreSQL
     * @throws SQLException if the server cannot be reached or does not answer in time
     */
    static @Nullable ServerLimits read(HikariDataSource pool) throws SQLException {
        String url = pool.getJdbcUrl();
        if (pool.getDataSource() == null && pool.getDataSourceClassName() == null && !isPostgres(url)) {
            return null;
        }
        FutureTask<@Nullable ServerLimits> task = new FutureTask<>(() -> ask(pool));
        // Not every step of a connection has a time limit that we may set, so the wait for it has one.
        Thread thread = new Thread(task, "crablet-capacity-check");
        thread.setDaemon(true);
        thread.start();
        return await(task);
    }

    private static @Nullable ServerLimits ask(HikariDataSource pool) throws SQLException {
        boolean borrow = pool.isRunning();
        try (Connection connection = borrow ? pool.getConnection() : connect(pool)) {
            if (!connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                return null;
            }
            if (!borrow) {
                connection.setClientInfo("ApplicationName", ServerLimits.APPLICATION_NAME);
            }
            return ServerLimits.read(connection);
        }
    }

    private static @Nullable ServerLimits await(FutureTask<@Nullable ServerLimits> task) throws SQLException {
        try {
            return task.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException sqlException) {
                throw sqlException;
            }
            throw new SQLException("No connection could be made", e.getCause());
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new SQLTimeoutException("No answer within " + TIMEOUT.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new SQLException("Interrupted", e);
        }
    }

    private static Connection connect(HikariDataSource pool) throws SQLException {
        Credentials credentials = credentials(pool);
        DataSource dataSource = pool.getDataSource();
        if (dataSource == null && pool.getDataSourceClassName() != null) {
            dataSource = instantiate(pool.getDataSourceClassName(), pool.getDataSourceProperties());
        }
        if (dataSource == null) {
            return connect(pool, credentials);
        }
        return credentials.getUsername() == null
                ? dataSource.getConnection()
                : dataSource.getConnection(credentials.getUsername(), credentials.getPassword());
    }

    private static Connection connect(HikariDataSource pool, Credentials credentials) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(pool.getDataSourceProperties());
        if (credentials.getUsername() != null) {
            properties.setProperty("user", credentials.getUsername());
        }
        if (credentials.getPassword() != null) {
            properties.setProperty("password", credentials.getPassword());
        }
        String seconds = Long.toString(TIMEOUT.toSeconds());
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        Connection connection = driver(pool).connect(pool.getJdbcUrl(), properties);
        if (connection == null) {
            throw new SQLException("The driver does not accept the pool's URL");
        }
        return connection;
    }

    private static Driver driver(HikariDataSource pool) throws SQLException {
        String name = pool.getDriverClassName();
        return name == null
                ? DriverManager.getDriver(pool.getJdbcUrl())
                : (Driver) BeanUtils.instantiateClass(ClassUtils.resolveClassName(name, null));
    }

    private static DataSource instantiate(String className, Properties properties) {
        BeanWrapperImpl dataSource = new BeanWrapperImpl(ClassUtils.resolveClassName(className, null));
        dataSource.setPropertyValues(new MutablePropertyValues(properties));
        return (DataSource) dataSource.getWrappedInstance();
    }

    private static Credentials credentials(HikariDataSource pool) {
        return pool.getCredentialsProvider() == null
                ? Credentials.of(pool.getUsername(), pool.getPassword())
                : pool.getCredentialsProvider().getCredentials();
    }

    private static boolean isPostgres(@Nullable String url) {
        // Drivers that wrap another one put their name in between, as in jdbc:p6spy:postgresql:.
        return url != null && url.startsWith("jdbc:") && url.contains(":postgresql:");
    }
}
