package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.Advice;
import io.crablet.pool.LedgerSnapshot;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.PoolLook;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts together what there is to say of a pool, without borrowing from it. */
final class PoolReporter {

    /** More would be a long answer that nobody reads. */
    private static final int MAX_BORROWED = 1_000;

    private final DataSources dataSources;

    private final WatchedPools pools;

    private final PoolSettings settings;

    private final @Nullable PoolStartCheck check;

    private final String profile;

    PoolReporter(
            DataSources dataSources,
            WatchedPools pools,
            PoolSettings settings,
            @Nullable PoolStartCheck check,
            String profile) {
        this.dataSources = dataSources;
        this.pools = pools;
        this.settings = settings;
        this.check = check;
        this.profile = profile;
    }

    Collection<String> pools() {
        return dataSources.pools().keySet();
    }

    /** Whether a pool is the one that is meant where none is named. */
    boolean isPrimary(String pool) {
        return dataSources.isPrimary(pools.operated(pool).source());
    }

    boolean has(String pool) {
        return dataSources.pools().containsKey(pool);
    }

    /** For what has no other way to say that there is no such pool. */
    void requirePool(String pool) {
        if (!has(pool)) {
            throw OperationArguments.invalid(noSuchPool(pool));
        }
    }

    /** A sentence for who asks for a pool that is not there. */
    String noSuchPool(String pool) {
        return "There is no pool %s; there are %s."
                .formatted(
                        OperationArguments.shown(pool),
                        String.join(", ", dataSources.pools().keySet()));
    }

    PoolEndpoint.Pools all(boolean showSql) {
        Map<String, PoolReport> reports = new LinkedHashMap<>();
        dataSources.pools().keySet().forEach(name -> reports.put(name, report(name, showSql)));
        return new PoolEndpoint.Pools(reports);
    }

    /**
     * Everything that can be seen of a pool now.
     *
     * @param name a pool that there is
     * @param showSql whether statements are shown
     */
    PoolReport report(String name, boolean showSql) {
        return report(name, pools.look(name), showSql);
    }

    /**
     * The same of what was seen already.
     *
     * @param name a pool that there is
     * @param look what was seen of it
     * @param showSql whether statements are shown
     */
    PoolReport report(String name, PoolLook look, boolean showSql) {
        OperatedPool pool = pools.operated(name);
        HikariDataSource source = pool.source();
        LedgerSnapshot ledger = look.ledger();
        PoolHealth health = look.health();
        boolean bound = dataSources.hasProfile(source);
        return new PoolReport(
                name,
                ledger.takenAt(),
                bound ? profile : PoolProfiles.NONE,
                health.state().label(),
                health.message(),
                health.counts(),
                check == null ? null : check.message(source),
                settings.of(source, bound),
                pool.ledger() != null,
                ledger.borrowed().stream()
                        .limit(MAX_BORROWED)
                        .map(borrow -> BorrowReport.of(
                                borrow, look.server(), look.verdicts().of(borrow), showSql))
                        .toList(),
                Math.max(0, ledger.borrowed().size() - MAX_BORROWED),
                PoolReport.Totals.of(ledger),
                ledger.recentLeaks().stream().map(PoolReport.Leak::of).toList(),
                ledger.recentTimeouts().stream().map(PoolReport.Timeout::of).toList(),
                ledger.secondBorrowSites(),
                ServerReport.of(health.database(), showSql),
                advice(source, look));
    }

    private List<String> advice(HikariDataSource source, PoolLook look) {
        return Advice.of(
                look.health().counts(),
                look.ledger(),
                look.rates(),
                look.server(),
                check == null ? null : check.shortage(source),
                check == null ? List.of() : check.corrections(source));
    }
}
