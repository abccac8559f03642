package io.crablet.autoconfigure.pool;

import io.crablet.autoconfigure.pool.ConsoleRequest.CsrfHeader;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolHealth;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the console shows of all pools.
 *
 * @param application the application's name, null if it has none
 * @param takenAt when this was seen
 * @param pools the pools
 * @param operations where to POST operations to, relative to the page, of the pools that this reader may operate; null if there are none
 * @param csrf a header that such a POST has to have, null if none
 */
record ConsoleReport(
        @Nullable String application,
        Instant takenAt,
        List<Pool> pools,
        @Nullable Map<String, String> operations,
        @Nullable CsrfHeader csrf)
        implements OperationResponseBody {

    /**
     * A pool, as in health.
     *
     * @param name its name
     * @param state its state
     * @param outOfService whether it should get no new work
     * @param message what is the matter
     * @param counts its counters
     */
    record Pool(String name, String state, boolean outOfService, String message, PoolCounts counts) {

        static Pool of(String name, PoolHealth health) {
            return new Pool(name, health.state().label(), health.outOfService(), health.message(), health.counts());
        }
    }

    /**
     * One pool in detail.
     *
     * @param outOfService whether it should get no new work
     * @param report what the endpoint {@code pool} says to this reader
     * @param history its last quarter of an hour
     */
    record Detail(boolean outOfService, PoolReport report, ConsoleHistory history) implements OperationResponseBody {}
}
