package io.crablet.autoconfigure.pool;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How pools and their databases are watched.
 *
 * @param enabled Whether to watch pools from a thread of its own, and their databases over a connection outside the pool.
 * @param interval Time between two questions to the database.
 */
@ConfigurationProperties(PoolWatchProperties.PREFIX)
record PoolWatchProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration interval) {

    static final String PREFIX = "crablet.pool.watch";

    PoolWatchProperties {
        PropertyChecks.positive(PREFIX + ".interval", interval);
    }
}
