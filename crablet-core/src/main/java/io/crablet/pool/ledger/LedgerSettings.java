package io.crablet.pool.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger does about connections that do not come back.
 *
 * @param suspectAfter how long one has to be held to be suspect
 * @param reclaimLeaked whether one is taken back that nobody can return
 * @param requestGarbageCollection whether the ledger may ask the JVM for a garbage collection while callers wait for an
 *     exhausted pool: without one, unreachable connections are not noticed
 * @param reclaimAfter how long one may be held before it is taken back although it may be in use; null for ever. One that its
 *     borrower can use unseen, such as through the driver's copy manager, is not taken back for that
 * @param exempt operations whose connections are never taken back for that
 * @param skippedPackages packages, beside the usual frameworks', that are not the application's own code
 * @param forbidSecondBorrows whether a thread that holds a connection and asks for another gets an exception
 */
public record LedgerSettings(
        Duration suspectAfter,
        boolean reclaimLeaked,
        boolean requestGarbageCollection,
        @Nullable Duration reclaimAfter,
        Set<String> exempt,
        List<String> skippedPackages,
        boolean forbidSecondBorrows) {

    /** Suspect after 30 s; leaked ones are taken back, others are not. */
    public static final LedgerSettings DEFAULTS =
            new LedgerSettings(Duration.ofSeconds(30), true, true, null, Set.of(), List.of(), false);

    /**
     * Checks the settings.
     *
     * @param suspectAfter more than nothing
     * @param reclaimLeaked whether to take leaked ones back
     * @param requestGarbageCollection whether to ask for a garbage collection
     * @param reclaimAfter more than nothing, or null
     * @param exempt names of operations
     * @param skippedPackages names of packages
     * @param forbidSecondBorrows whether to forbid them
     */
    public LedgerSettings {
        requirePositive("suspectAfter", suspectAfter);
        if (reclaimAfter != null) {
            requirePositive("reclaimAfter", reclaimAfter);
        }
        exempt = Set.copyOf(exempt);
        skippedPackages = List.copyOf(skippedPackages);
    }

    private static void requirePositive(String what, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(what + " is " + duration + "; it must be more than nothing");
        }
    }
}
