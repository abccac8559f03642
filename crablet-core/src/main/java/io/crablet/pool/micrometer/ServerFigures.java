package io.crablet.pool.micrometer;

import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Figures of a server's sessions. Pure. */
final class ServerFigures {

    /** The states that PostgreSQL has, and {@code hidden} for sessions that may not be looked into. */
    static final List<String> STATES = List.of(
            "active",
            "idle",
            "idle in transaction",
            "idle in transaction (aborted)",
            "fastpath function call",
            "starting",
            "disabled",
            "hidden");

    private ServerFigures() {}

    static double connections(ServerSnapshot server, String state) {
        return server.byState().getOrDefault(state, 0);
    }

    static double connectionsInOtherStates(ServerSnapshot server) {
        return server.byState().entrySet().stream()
                .filter(entry -> !STATES.contains(entry.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    static double oldestIdleInTransactionSeconds(ServerSnapshot server) {
        return oldest(server.idleInTransaction(), server, ServerSession::isIdleInTransaction, ServerSession::inState);
    }

    static double oldestQuerySeconds(ServerSnapshot server) {
        return oldest(server.longRunning(), server, ServerSession::isActive, ServerSession::query);
    }

    /** Of other databases only those are known that are over the threshold; of this one, all. */
    private static double oldest(
            List<ServerSession> overThreshold,
            ServerSnapshot server,
            Predicate<ServerSession> which,
            Function<ServerSession, @Nullable Duration> age) {
        Duration oldest = Stream.concat(overThreshold.stream(), server.sessions().values().stream())
                .filter(which)
                .map(age)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
        return PoolView.seconds(oldest);
    }
}
