package io.crablet.sample;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Says at start where to look. */
@Component
final class StartupReport {

    private static final Logger log = LoggerFactory.getLogger(StartupReport.class);

    private final Environment environment;
    private final JdbcConnectionDetails database;
    private final HealthEndpoint health;

    StartupReport(Environment environment, JdbcConnectionDetails database, HealthEndpoint health) {
        this.environment = environment;
        this.database = database;
        this.health = health;
    }

    @EventListener(ApplicationReadyEvent.class)
    void report() {
        String base = "http://localhost:" + environment.getProperty("local.server.port");
        Map<String, Object> pool = pool();
        log.info(
                """
                The sample is ready.
                  courses   {}/courses
                  events    {}/events
                  health    {}/actuator/health
                  watch     {}/actuator/pool
                  database  {}
                  profile   {}
                  pool      {}
                  capacity  {}""",
                base,
                base,
                base,
                base,
                database(),
                pool.getOrDefault("profile", "unknown"),
                pool.getOrDefault("message", "no health component 'pool'"),
                pool.getOrDefault("capacity", "not checked"));
    }

    /** What the starter's health says of the pool, the same as under {@code /actuator/health}. */
    private Map<String, Object> pool() {
        @Nullable HealthDescriptor pool = health.healthForPath("pool");
        return pool instanceof IndicatedHealthDescriptor indicated && indicated.getDetails() != null
                ? indicated.getDetails()
                : Map.of();
    }

    /** The address without its parameters, which may hold a password. */
    private String database() {
        String url = database.getJdbcUrl();
        int parameters = url.indexOf('?');
        String address = parameters < 0 ? url : url.substring(0, parameters);
        return database instanceof EmbeddedDatabase ? address + ", " + database : address;
    }
}
