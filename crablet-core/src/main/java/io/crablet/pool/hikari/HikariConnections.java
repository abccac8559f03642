package io.crablet.pool.hikari;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import io.crablet.pool.postgres.ConnectionSource;
import io.crablet.pool.postgres.DataSourceCopy;
import io.crablet.pool.postgres.DatabaseAddress;
import io.crablet.pool.postgres.ServerAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to where a HikariCP pool opens its own, beside the pool. The pool's settings are read each time, so that
 * a new password counts here as soon as it does there.
 */
public final class HikariConnections implements ConnectionSource {

    private static final Logger logger = LoggerFactory.getLogger(HikariConnections.class);

    private final HikariDataSource pool;

    /**
     * Makes a source of connections.
     *
     * @param pool the pool, which is neither started nor borrowed from
     */
    public HikariConnections(HikariDataSource pool) {
        this.pool = pool;
    }

    @Override
    public Connection open(Duration timeLimit) throws SQLException {
        return source().open(timeLimit);
    }

    @Override
    public @Nullable ServerAddress address() {
        try {
            return source().address();
        } catch (SQLException | RuntimeException e) {
            logger.debug("It is not known where pool {} connects to", pool.getPoolName(), e);
            return null;
        }
    }

    private ConnectionSource source() throws SQLException {
        Credentials credentials = credentials();
        String username = credentials.getUsername();
        String password = credentials.getPassword();
        DataSource dataSource = dataSource();
        if (dataSource != null) {
            return new DataSourceCopy(dataSource, username, password);
        }
        String url = pool.getJdbcUrl();
        if (url == null) {
            throw new SQLException("The pool has neither a JDBC URL nor a data source", "08001");
        }
        return new DatabaseAddress(url, username, password, pool.getDataSourceProperties());
    }

    private Credentials credentials() {
        HikariCredentialsProvider provider = pool.getCredentialsProvider();
        return provider == null ? pool.getCredentials() : provider.getCredentials();
    }

    /** In HikariCP's own order: a data source, the class of one, a JDBC URL, a name in JNDI. */
    private @Nullable DataSource dataSource() throws SQLException {
        if (pool.getDataSource() != null) {
            return pool.getDataSource();
        }
        if (pool.getDataSourceClassName() != null) {
            DataSource made = UtilityElf.createInstance(pool.getDataSourceClassName(), DataSource.class);
            PropertyElf.setTargetFromProperties(made, pool.getDataSourceProperties());
            return made;
        }
        if (pool.getJdbcUrl() == null && pool.getDataSourceJNDI() != null) {
            try {
                return (DataSource) new InitialContext().lookup(pool.getDataSourceJNDI());
            } catch (NamingException e) {
                throw new SQLException(
                        "The pool's data source is not in JNDI: " + pool.getDataSourceJNDI(), "08001", e);
            }
        }
        return null;
    }
}
