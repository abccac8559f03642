package io.crablet.autoconfigure.pool;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the connection pool is set up.
 *
 * @param profile Profile whose settings are the defaults of spring.datasource.hikari: default, high-throughput,
 *     low-throughput, none, or one defined under crablet.pool.profiles. The environment variables DB_MAX_CONNS and
 *     DB_MIN_CONNS win over it and over every other setting.
 * @param profiles Profiles of your own, by name, each with any of the settings of spring.datasource.hikari. Durations may
 *     be written as 10m or 30s. One with the name of a built-in profile changes that profile.
 * @param capacityCheck What to do at start when a pool may open more connections than the PostgreSQL server, its role or
 *     its database has room for.
 */
@ConfigurationProperties(PoolProperties.PREFIX)
record PoolProperties(
        @DefaultValue(PoolProfiles.DEFAULT) String profile,
        @DefaultValue Map<String, Map<String, String>> profiles,
        @DefaultValue("adjust") CapacityCheck capacityCheck) {

    static final String PREFIX = "crablet.pool";

    /** What the capacity check does when a pool does not fit. */
    enum CapacityCheck {

        /** Lower the pool's maximum, with a warning. */
        ADJUST,

        /** Warn and leave the pool as it is. */
        WARN,

        /** Stop the start. */
        FAIL,

        /** Do not ask the server. */
        OFF
    }
}
