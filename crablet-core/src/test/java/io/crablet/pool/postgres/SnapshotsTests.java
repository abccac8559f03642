package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.AppendLock;
import io.crablet.pool.ServerSession;
import io.crablet.pool.ServerSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SnapshotsTests {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void eachListIsBoundedAndKeepsTheOldestWhileTheCountsAreOfAll() {
        ServerSnapshot server = snapshot(IntStream.rangeClosed(1, 5_000)
                .mapToObj(pid -> row(session(pid, "active", Duration.ofSeconds(pid)), true))
                .toList());

        assertThat(server.counts().longRunning()).isEqualTo(4_970);
        assertThat(server.counts().blocked()).isEqualTo(5_000);
        assertThat(server.byState()).isEqualTo(Map.of("active", 5_000));
        assertThat(server.longRunning())
                .hasSize(100)
                .first()
                .satisfies(session -> assertThat(session.pid()).isEqualTo(5_000));
        assertThat(server.longRunning())
                .last()
                .satisfies(session -> assertThat(session.pid()).isEqualTo(4_901));
        assertThat(server.blocked()).hasSize(100);
        assertThat(server.sessions()).hasSize(1_000).containsKeys(5_000, 4_001);
    }

    @Test
    void amongTooManySessionsThoseThatAreIdleAreLeftOutFirst() {
        List<SessionRow> rows = new ArrayList<>();
        IntStream.rangeClosed(1, 2_000).forEach(pid -> rows.add(row(session(pid, "idle", Duration.ofHours(1)), false)));
        IntStream.rangeClosed(2_001, 2_010)
                .forEach(pid -> rows.add(row(session(pid, "idle in transaction", Duration.ZERO), false)));

        assertThat(snapshot(rows).sessions())
                .hasSize(1_000)
                .containsKeys(IntStream.rangeClosed(2_001, 2_010).boxed().toArray(Integer[]::new));
    }

    @Test
    void whatIsNoClientIsNotCountedButMayHoldAnAppendLock() {
        SessionRow prepared =
                new SessionRow(session(0, null, null), false, false, false, false, List.of("public"), null);
        SessionRow waiting = new SessionRow(
                session(7, "active", Duration.ofSeconds(1)), true, true, true, true, List.of(), "public");

        ServerSnapshot server = snapshot(List.of(prepared, waiting));

        assertThat(server.counts().connections()).isEqualTo(1);
        assertThat(server.counts().hidden()).isZero();
        assertThat(server.sessions()).containsOnlyKeys(7);
        assertThat(server.appendLocks()).containsExactly(new AppendLock("public", 0, null, null, 1));
    }

    @Test
    void whatHasLastedAsLongAsTheThresholdIsNotLongerThanIt() {
        ServerSnapshot server = snapshot(List.of(
                row(session(1, "active", Duration.ofSeconds(30)), false),
                row(session(2, "idle in transaction", Duration.ofSeconds(30)), false),
                row(session(3, "idle in transaction (aborted)", Duration.ofMillis(30_001)), false)));

        assertThat(server.longRunning()).isEmpty();
        assertThat(server.idleInTransaction()).extracting(ServerSession::pid).containsExactly(3);
        assertThat(server.counts().idleInTransaction()).isEqualTo(1);
    }

    private static ServerSnapshot snapshot(List<SessionRow> rows) {
        return new Snapshots(new SessionQuery.Found(100, 3, rows), ProbeSettings.DEFAULTS).snapshot(NOW, null);
    }

    private static SessionRow row(ServerSession session, boolean waits) {
        return new SessionRow(session, true, true, true, waits, List.of(), null);
    }

    private static ServerSession session(int pid, String state, Duration age) {
        return new ServerSession(pid, "d", "u", "a", state, null, null, age, age, age, age, "select", List.of());
    }
}
