package io.crablet.pool.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.ds.common.BaseDataSource;

/**
 * Opens connections to a JDBC URL. For a URL of the PostgreSQL driver the time limit holds for connecting, logging in and
 * each read, whatever the URL says.
 */
public final class DatabaseAddress implements ConnectionSource {

    private final String url;

    private final Properties properties;

    /**
     * Makes an address.
     *
     * @param url a JDBC URL
     * @param username the user, null if the URL or the properties say who it is
     * @param password the password, null likewise
     * @param properties further properties for the driver; the URL's own win over them
     */
    public DatabaseAddress(String url, @Nullable String username, @Nullable String password, Properties properties) {
        this.url = url;
        this.properties = new Properties();
        this.properties.putAll(properties);
        if (username != null) {
            this.properties.setProperty("user", username);
        }
        if (password != null) {
            this.properties.setProperty("password", password);
        }
    }

    @Override
    public Connection open(Duration timeLimit) throws SQLException {
        return url.startsWith("jdbc:postgresql:") ? open(postgres(), timeLimit) : openWithDriver();
    }

    @Override
    public @Nullable ServerAddress address() {
        return ServerAddress.of(url, properties);
    }

    private PGSimpleDataSource postgres() throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        for (DriverPropertyInfo property : DriverManager.getDriver(url).getPropertyInfo(url, properties)) {
            if (property.value != null) {
                source.setProperty(property.name, property.value);
            }
        }
        return source;
    }

    private Connection openWithDriver() throws SQLException {
        // Not DriverManager.getConnection: its error shows the whole URL, in which there may be a password.
        Connection connection = DriverManager.getDriver(url).connect(url, properties);
        if (connection == null) {
            throw new SQLException("The driver does not know the pool's URL after all", "08001");
        }
        return connection;
    }

    static Connection open(BaseDataSource source, Duration timeLimit) throws SQLException {
        int seconds = (int) Math.max(1, timeLimit.toSeconds());
        source.setApplicationName(DatabaseProbe.APPLICATION_NAME);
        source.setConnectTimeout(seconds);
        source.setSocketTimeout(seconds);
        // A question that is out of time is cancelled first, and a silent network does not answer that either.
        source.setCancelSignalTimeout(seconds);
        // Each host of a list is tried in turn, so that a dead first one leaves time for the second.
        String[] hosts = source.getServerNames();
        source.setLoginTimeout(seconds * Math.max(1, hosts.length));
        return source.getConnection();
    }
}
