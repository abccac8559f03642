package io.crablet.autoconfigure.pool;

import io.crablet.autoconfigure.pool.ConsoleRequest.CsrfHeader;
import io.crablet.pool.PoolLook;
import io.crablet.pool.PoolTimeline;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts together what the console shows, without borrowing from a pool. */
final class ConsoleReporter {

    private final PoolReporter reporter;

    private final WatchedPools pools;

    private final AppendedEvents appended;

    private final String application;

    ConsoleReporter(PoolReporter reporter, WatchedPools pools, AppendedEvents appended, String application) {
        this.reporter = reporter;
        this.pools = pools;
        this.appended = appended;
        this.application = application;
    }

    Collection<String> pools() {
        return reporter.pools();
    }

    boolean has(String pool) {
        return reporter.has(pool);
    }

    String noSuchPool(String pool) {
        return reporter.noSuchPool(pool);
    }

    /**
     * All pools.
     *
     * @param operations where to POST operations to
     * @param csrf a header that such a POST has to have
     */
    ConsoleReport all(Map<String, String> operations, @Nullable CsrfHeader csrf) {
        return new ConsoleReport(
                application.isBlank() ? null : application,
                Instant.now(),
                pools().stream()
                        .map(name -> ConsoleReport.Pool.of(name, pools.health(name)))
                        .toList(),
                operations.isEmpty() ? null : operations,
                csrf);
    }

    /**
     * One pool.
     *
     * @param name a pool that there is
     * @param showSql whether statements are shown
     */
    ConsoleReport.Detail one(String name, boolean showSql) {
        PoolLook look = pools.look(name);
        return new ConsoleReport.Detail(
                look.health().outOfService(), reporter.report(name, look, showSql), history(name));
    }

    private ConsoleHistory history(String name) {
        PoolTimeline timeline = pools.timeline(name);
        // By the clock as it is now, however often it was set since the watch began.
        Duration sinceEnd = Duration.between(timeline.end(), pools.clock().instant());
        return ConsoleHistory.of(
                timeline,
                Instant.now().minus(sinceEnd).truncatedTo(ChronoUnit.MILLIS),
                reporter.isPrimary(name) ? appended.perSecond(timeline) : null);
    }
}
