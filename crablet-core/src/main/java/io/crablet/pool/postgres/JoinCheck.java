package io.crablet.pool.postgres;

import io.crablet.pool.DatabaseFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the pool's connections can be found among the server's sessions, and which role they are of. Where the
 * watch has an address of its own, that takes a connection to the pool's address, opened in a thread of its own, rarely, and
 * closed at once.
 */
final class JoinCheck {

    private static final Logger logger = LoggerFactory.getLogger(JoinCheck.class);

    private static final Duration VALID = Duration.ofMinutes(5);

    private static final Duration RETRY = Duration.ofSeconds(30);

    /**
     * What has been found out.
     *
     * @param about the watch's session that it is about
     * @param pool a session of the pool's address; null if there was none to be had
     * @param whyNot why they cannot be found; null if they can
     * @param until when to look again
     */
    private record Result(
            SessionIdentity about,
            @Nullable SessionIdentity pool,
            @Nullable String whyNot,
            Instant until) {}

    private final String name;

    private final ConnectionSource pool;

    private final boolean sameAddress;

    private final ProbeSettings settings;

    private final InstantSource clock;

    private volatile @Nullable Result last;

    private volatile @Nullable Thread looking;

    /** Of a pool whose address may be the watch's as well. */
    JoinCheck(String name, ConnectionSource pool, boolean sameAddress, ProbeSettings settings, InstantSource clock) {
        this.name = name;
        this.pool = pool;
        this.sameAddress = sameAddress;
        this.settings = settings;
        this.clock = clock;
    }

    /** Why the pool's connections cannot be found as far as is known now, null if they can. Does not wait. */
    @Nullable
    String whyNot(SessionIdentity watch) {
        ServerAddress address = pool.address();
        if (address != null && !address.isOneServer()) {
            return "The pool's address %s names several servers, and its connections may be on another one than the watch's. "
                            .formatted(address.key())
                    + "Add targetServerType=primary if they should all be on the primary.";
        }
        if (sameAddress) {
            return watch.whyNotJoinable(watch);
        }
        Result known = lookAgainIfDue(watch);
        return known == null ? "A connection to the pool's own address is about to be compared." : known.whyNot();
    }

    /** A session as the pool's are, as far as is known now; null if none is known. Does not wait. */
    @Nullable
    SessionIdentity pool(SessionIdentity watch) {
        if (sameAddress) {
            return watch;
        }
        Result known = lookAgainIfDue(watch);
        return known == null ? null : known.pool();
    }

    private @Nullable Result lookAgainIfDue(SessionIdentity watch) {
        Result known = known(watch);
        if (known == null || !clock.instant().isBefore(known.until())) {
            look(pool, watch);
        }
        return known;
    }

    private @Nullable Result known(SessionIdentity watch) {
        Result known = last;
        return known != null && known.about().equals(watch) ? known : null;
    }

    private void look(ConnectionSource source, SessionIdentity watch) {
        Thread before = looking;
        if (before == null || !before.isAlive()) {
            Thread thread = new Thread(() -> last = compare(source, watch), "crablet-watch-join-" + name);
            thread.setDaemon(true);
            looking = thread;
            thread.start();
        }
    }

    private Result compare(ConnectionSource source, SessionIdentity watch) {
        try (Connection connection = source.open(settings.timeLimit())) {
            SessionIdentity found = SessionIdentity.of(connection, settings.timeLimitSeconds());
            return new Result(
                    watch, found, found.whyNotJoinable(watch), clock.instant().plus(VALID));
        } catch (SQLException | RuntimeException e) {
            logger.debug("The address of pool {} could not be compared with the watch's own", name, e);
            Result known = known(watch);
            return new Result(
                    watch,
                    known == null ? null : known.pool(),
                    known == null ? failure(e) : known.whyNot(),
                    clock.instant().plus(RETRY));
        }
    }

    private static String failure(Exception e) {
        SQLException sql = e instanceof SQLException known ? known : new SQLException(e);
        return "A connection to the pool's own address could not be compared: %s, SQLState %s."
                .formatted(DatabaseFailure.of(sql).reason(), sql.getSQLState());
    }
}
