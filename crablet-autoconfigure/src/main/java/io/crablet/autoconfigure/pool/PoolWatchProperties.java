package io.crablet.autoconfigure.pool;

import io.crablet.pool.ledger.LedgerSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How pools, their connections and their databases are watched.
 *
 * @param enabled Whether to watch pools from threads of their own, every connection that is borrowed from them, and their
 *     databases over a connection outside the pool.
 * @param interval Time between two questions to the database.
 * @param suspectAfter Time after which a borrowed connection is suspect, and reported once.
 * @param showSql When /actuator/pool and the console show the statements of sessions, without their literals: never,
 *     when-authorized, or always.
 * @param reclaimLeaked Whether to take back a connection that nobody can return any more.
 * @param requestGarbageCollection Whether the JVM may be asked for a garbage collection, at a bounded rate, while callers wait
 *     for an exhausted pool: leaked connections are noticed by one only.
 * @param reclaimAfter Time after which a connection is taken back although its borrower may still need it: it is warned of,
 *     then the statement that runs is cancelled, then the connection is closed, unless it is used meanwhile. 0 for never.
 * @param reclaimExempt Operations whose connections are never taken back for being held too long.
 * @param skipPackages Packages, beside those of the JDK and of the usual frameworks, that are not the application's own code:
 *     left out of the lines that are shown for a connection.
 * @param forbidSecondBorrows Whether a thread that asks for a connection while it holds one of the same pool gets an exception.
 */
@ConfigurationProperties(PoolWatchProperties.PREFIX)
record PoolWatchProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("5s") Duration interval,
        @DefaultValue("30s") Duration suspectAfter,
        @DefaultValue("when-authorized") ShowSql showSql,
        @DefaultValue("true") boolean reclaimLeaked,
        @DefaultValue("true") boolean requestGarbageCollection,
        @DefaultValue("0s") Duration reclaimAfter,
        @DefaultValue Set<String> reclaimExempt,
        @DefaultValue List<String> skipPackages,
        @DefaultValue("false") boolean forbidSecondBorrows) {

    static final String PREFIX = "crablet.pool.watch";

    /** When statements are shown, in the words of Spring Boot's endpoints. */
    enum ShowSql {

        /** To nobody. */
        NEVER,

        /** To whoever has logged in. */
        WHEN_AUTHORIZED,

        /** To everybody. */
        ALWAYS
    }

    PoolWatchProperties {
        PropertyChecks.positive(PREFIX + ".interval", interval);
        PropertyChecks.positive(PREFIX + ".suspect-after", suspectAfter);
        PropertyChecks.notNegative(PREFIX + ".reclaim-after", reclaimAfter);
    }

    LedgerSettings ledger() {
        return new LedgerSettings(
                suspectAfter,
                reclaimLeaked,
                requestGarbageCollection,
                reclaimAfter.isZero() ? null : reclaimAfter,
                reclaimExempt,
                skipPackages,
                forbidSecondBorrows);
    }
}
