package io.crablet.autoconfigure.pool;

import io.crablet.pool.HealthLimits;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When the health of a pool is what.
 *
 * @param busyAbove Share of maximum-pool-size, in percent, above which connections in use make the pool busy.
 * @param exhaustedFor Time after which a pool that keeps callers waiting with no connection to give is out of service.
 * @param recoveredFor Time for which a pool that was out of service must have had something to give before it is in service again.
 */
@ConfigurationProperties(PoolHealthProperties.PREFIX)
record PoolHealthProperties(
        @DefaultValue("80") int busyAbove,
        @DefaultValue("5s") Duration exhaustedFor,
        @DefaultValue("5s") Duration recoveredFor) {

    static final String PREFIX = "crablet.pool.health";

    PoolHealthProperties {
        if (busyAbove < 1 || busyAbove > 100) {
            throw new IllegalArgumentException(
                    PREFIX + ".busy-above is " + busyAbove + "; it is a percentage, from 1 to 100");
        }
        PropertyChecks.notNegative(PREFIX + ".exhausted-for", exhaustedFor);
        PropertyChecks.notNegative(PREFIX + ".recovered-for", recoveredFor);
    }

    HealthLimits limits() {
        return new HealthLimits(busyAbove, exhaustedFor, recoveredFor);
    }
}
