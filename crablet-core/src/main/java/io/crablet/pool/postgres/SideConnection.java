package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseFailure;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.TopStatements;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one connection a probe asks through. It is kept open, so that its slot is there when all others are taken. */
final class SideConnection {

    private static final Logger logger = LoggerFactory.getLogger(SideConnection.class);

    private final Connection connection;

    private final ProbeSettings settings;

    private final String product;

    private final String version;

    private @Nullable SessionIdentity identity;

    SideConnection(ConnectionSource source, ProbeSettings settings) throws SQLException {
        this.settings = settings;
        this.connection = source.open(settings.timeLimit());
        try {
            limitReads();
            DatabaseMetaData database = connection.getMetaData();
            this.product = database.getDatabaseProductName();
            this.version = database.getDatabaseProductVersion();
            if (isPostgres()) {
                connection.setClientInfo("ApplicationName", DatabaseProbe.APPLICATION_NAME);
            }
        } catch (SQLException | RuntimeException | Error e) {
            abort();
            throw e;
        }
    }

    String product() {
        return product;
    }

    String version() {
        return version;
    }

    /**
     * Asks the database something. Returns null if it answers, but not to this question, and for some time what was seen before if
     * it only takes too long for this question.
     */
    @Nullable
    ServerSnapshot ask(JoinCheck join, @Nullable ServerSnapshot before, InstantSource clock) throws SQLException {
        if (!isPostgres()) {
            if (!connection.isValid(settings.timeLimitSeconds())) {
                throw new SQLException("The connection is no longer valid", "08006");
            }
            return null;
        }
        try {
            SessionIdentity known = identity();
            // Before the question: what is borrowed while it is on its way may not be what the server saw.
            Instant takenAt = clock.instant();
            SessionQuery.Found found = SessionQuery.ask(connection, settings.largeQuestionSeconds());
            return new Snapshots(found, settings).snapshot(takenAt, join.whyNot(known));
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (state != null && state.startsWith("42")) {
                logger.debug("The server's sessions cannot be seen", e);
                return null;
            }
            if (DatabaseFailure.of(e) != DatabaseFailure.SLOW) {
                throw e;
            }
            logger.debug("The server takes too long to list its sessions", e);
            askLittle();
            return before == null || isTooOld(before, clock.instant()) ? null : before;
        }
    }

    private boolean isTooOld(ServerSnapshot seen, Instant now) {
        return Duration.between(seen.takenAt(), now).compareTo(settings.sessionsLimit()) > 0;
    }

    private void askLittle() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(settings.largeQuestionSeconds());
            statement.execute("SELECT /* crablet-watch */ 1");
        }
    }

    /** Which session it is. The database is asked for that once. */
    SessionIdentity identity() throws SQLException {
        SessionIdentity known = identity;
        if (known == null) {
            known = SessionIdentity.of(connection, settings.timeLimitSeconds());
            identity = known;
        }
        return known;
    }

    /** Asks which statements of a pool's role took most of the server's time. */
    TopStatements topStatements(SessionIdentity pool, InstantSource clock) throws SQLException {
        return new StatementQuery(connection, settings.largeQuestionSeconds()).ask(identity(), pool, clock.instant());
    }

    /** Whether the server still answers on it. */
    boolean isValid() throws SQLException {
        return connection.isValid(settings.timeLimitSeconds());
    }

    /** What tells other sessions to stop. */
    SessionSignals signals() throws SQLException {
        if (!isPostgres()) {
            throw new SQLFeatureNotSupportedException(
                    "The sessions of " + product + " cannot be told to stop", "0A000");
        }
        return new SessionSignals(connection, settings.timeLimitSeconds());
    }

    void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            logger.debug("The side connection did not close in order", e);
        }
    }

    /** Closes the connection without a word to the server, while it is in use or the network may swallow everything. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            logger.debug("The side connection could not be aborted", e);
        }
    }

    /** For what the query's own timeout cannot end: a network that swallows everything. */
    private void limitReads() throws SQLException {
        Duration limit = settings.timeLimit().plusMillis(500);
        try {
            connection.setNetworkTimeout(Runnable::run, (int) limit.toMillis());
        } catch (SQLFeatureNotSupportedException e) {
            logger.debug("The driver of the side connection has no time limit for reads", e);
        }
    }

    private boolean isPostgres() {
        return product.equals("PostgreSQL");
    }
}
