package io.crablet.sample;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/**
 * A PostgreSQL server that starts and stops with the application, unless {@code DB_HOST} names another one.
 *
 * <p>As the {@link JdbcConnectionDetails} it takes the place of {@code spring.datasource.url}. The pool depends on it, so
 * Spring stops the server after the pool has been closed.
 */
@Component
@Conditional(EmbeddedDatabase.NoOtherDatabase.class)
final class EmbeddedDatabase implements JdbcConnectionDetails, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);

    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

    private final DataFolder folder;
    private final EmbeddedPostgres postgres;

    EmbeddedDatabase(@Value("${CRABLET_DATA_DIR:}") String dataDir) {
        folder = DataFolder.open(dataDir);
        log.info("Starting PostgreSQL in {}", folder);
        try {
            postgres = start(folder);
        } catch (IOException | RuntimeException e) {
            String serverLog = folder.endOfLog();
            folder.close();
            throw new EmbeddedDatabaseException(
                    "The embedded PostgreSQL did not start in " + folder + ". The end of its log:\n" + serverLog,
                    "Put right what the log complains of, or let DB_HOST name another PostgreSQL.",
                    e);
        }
    }

    private static EmbeddedPostgres start(DataFolder folder) throws IOException {
        Redirect serverLog = Redirect.appendTo(folder.log().toFile());
        EmbeddedPostgres started = EmbeddedPostgres.builder()
                .setDataDirectory(folder.data())
                .setCleanDataDirectory(false)
                // Stopped by Spring after the pool; a hook of its own would pull it away from under the pool.
                .setRegisterShutdownHook(false)
                .setLocaleConfig("locale", "C")
                // The library is made for tests and gives up durability and PostgreSQL's own limit; a log of events
                // needs the
                // first, and the capacity check has something to say about the second.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "100")
                // What /actuator/pool has its top statements from.
                .setServerConfig("shared_preload_libraries", "pg_stat_statements")
                .setOutputRedirector(serverLog)
                .setErrorRedirector(serverLog)
                .setPGStartupWait(START_TIMEOUT)
                .start();
        try {
            ApplicationDatabase.create(started.getPostgresDatabase());
            ApplicationDatabase.createExtension(started.getDatabase("postgres", ApplicationDatabase.NAME));
            return started;
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + ApplicationDatabase.NAME;
    }

    @Override
    public String getUsername() {
        return ApplicationDatabase.NAME;
    }

    @Override
    public String getPassword() {
        return "";
    }

    @Override
    public void close() throws IOException {
        try {
            postgres.close();
        } finally {
            folder.close();
        }
        log.info("PostgreSQL has stopped");
    }

    @Override
    public String toString() {
        return "embedded PostgreSQL in " + folder;
    }

    static final class NoOtherDatabase implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            return !StringUtils.hasText(context.getEnvironment().getProperty("DB_HOST"));
        }
    }
}
