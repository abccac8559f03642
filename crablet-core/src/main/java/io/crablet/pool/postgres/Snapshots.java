package io.crablet.pool.postgres;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.Comparator.nullsLast;
import static java.util.Comparator.reverseOrder;

import io.crablet.pool.AppendLock;
import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSessions;
import io.crablet.pool.ServerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Sorts what was found of a server's sessions into a snapshot. Pure. */
final class Snapshots {

    private static final String HIDDEN = "hidden";

    private static final String STARTING = "starting";

    private final SessionQuery.Found found;

    private final ProbeSettings settings;

    Snapshots(SessionQuery.Found found, ProbeSettings settings) {
        this.found = found;
        this.settings = settings;
    }

    ServerSnapshot snapshot(Instant takenAt, @Nullable String whyNotJoinable) {
        return new ServerSnapshot(
                takenAt,
                counts(),
                byState(),
                whyNotJoinable == null,
                whyNotJoinable,
                sessions(),
                list(this::isLongRunning, ServerSession::query),
                list(this::isIdleInTransaction, ServerSession::inState),
                list(SessionRow::waits, ServerSession::lockWait),
                appendLocks());
    }

    private ServerSessions counts() {
        return new ServerSessions(
                count(row -> true),
                found.maxConnections(),
                found.reserved(),
                count(this::isIdleInTransaction),
                count(this::isLongRunning),
                count(SessionRow::waits),
                longestLockWait(),
                count(row -> !row.visible()));
    }

    private Duration longestLockWait() {
        return clients()
                .map(row -> row.session().lockWait())
                .filter(Objects::nonNull)
                .max(naturalOrder())
                .orElse(Duration.ZERO);
    }

    private Map<String, Integer> byState() {
        return clients().collect(Collectors.toMap(Snapshots::state, row -> 1, Integer::sum));
    }

    private static String state(SessionRow row) {
        if (!row.visible()) {
            return HIDDEN;
        }
        String state = row.session().state();
        return state == null ? STARTING : state;
    }

    private Map<Integer, ServerSession> sessions() {
        Comparator<ServerSession> idleLast = comparing(session -> "idle".equals(session.state()));
        return clients()
                .filter(SessionRow::here)
                .map(SessionRow::session)
                .sorted(idleLast.thenComparing(ServerSession::inState, nullsLast(reverseOrder())))
                .limit(ServerSnapshot.MAX_SESSIONS)
                .collect(Collectors.toMap(ServerSession::pid, Function.identity()));
    }

    private List<ServerSession> list(Predicate<SessionRow> which, Function<ServerSession, @Nullable Duration> age) {
        return clients()
                .filter(which)
                .map(SessionRow::session)
                .sorted(comparing(age, nullsLast(reverseOrder())))
                .limit(ServerSnapshot.MAX_LISTED)
                .toList();
    }

    private List<AppendLock> appendLocks() {
        return found.rows().stream()
                .flatMap(row -> row.holds().stream().map(schema -> appendLock(schema, row.session())))
                .sorted(comparing(AppendLock::schema, naturalOrder()))
                .limit(ServerSnapshot.MAX_LISTED)
                .toList();
    }

    private AppendLock appendLock(String schema, ServerSession holder) {
        int waiting = (int)
                found.rows().stream().filter(row -> schema.equals(row.awaits())).count();
        Duration idle = holder.isIdleInTransaction() ? holder.inState() : null;
        return new AppendLock(schema, holder.pid(), holder.transaction(), idle, waiting);
    }

    private boolean isLongRunning(SessionRow row) {
        return row.session().isActive() && isLonger(row.session().query(), settings.longQuery());
    }

    private boolean isIdleInTransaction(SessionRow row) {
        return row.session().isIdleInTransaction() && isLonger(row.session().inState(), settings.idleInTransaction());
    }

    private static boolean isLonger(@Nullable Duration age, Duration threshold) {
        return age != null && age.compareTo(threshold) > 0;
    }

    private int count(Predicate<SessionRow> which) {
        return (int) clients().filter(which).count();
    }

    private Stream<SessionRow> clients() {
        return found.rows().stream().filter(SessionRow::client);
    }
}
