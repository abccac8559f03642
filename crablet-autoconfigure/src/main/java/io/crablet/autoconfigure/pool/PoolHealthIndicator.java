package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.PoolCounts;
import io.crablet.pool.PoolHealth;
import io.crablet.pool.PoolState;
import io.crablet.pool.ServerSessions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** The health of one pool, from its counters and the last answer of its database. */
final class PoolHealthIndicator extends AbstractHealthIndicator {

    private final String name;

    private final HikariDataSource pool;

    private final String profile;

    private final WatchedPools watch;

    private final @Nullable PoolStartCheck check;

    PoolHealthIndicator(
            String name, HikariDataSource pool, String profile, WatchedPools watch, @Nullable PoolStartCheck check) {
        super("The pool's health cannot be found out");
        this.name = name;
        this.pool = pool;
        this.profile = profile;
        this.watch = watch;
        this.check = check;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        PoolHealth health = watch.health(name);
        if (health.state() == PoolState.UNREACHABLE) {
            builder.down();
        } else if (health.outOfService()) {
            builder.outOfService();
        } else {
            builder.up();
        }
        PoolCounts counts = health.counts();
        builder.withDetail("profile", profile)
                .withDetail("state", health.state().label())
                .withDetail("message", health.message())
                .withDetail("total", counts.total())
                .withDetail("idle", counts.idle())
                .withDetail("active", counts.active())
                .withDetail("waiting", counts.waiting())
                .withDetail("max", counts.max());
        if (health.borrows() != null) {
            builder.withDetail("oldestBorrow", health.borrows().oldest().toSeconds() + "s")
                    .withDetail("suspects", health.borrows().suspects())
                    .withDetail("leakedReclaimed", health.borrows().leakedReclaimed());
        }
        if (health.appendLock() != null) {
            builder.withDetail("appendLock", health.appendLock());
        }
        String fit = check == null ? null : check.message(pool);
        if (fit != null) {
            builder.withDetail("capacity", fit);
        }
        if (health.database() instanceof Answered answered && answered.server() != null) {
            builder.withDetail("server", details(answered.server().counts()));
        }
    }

    private static Map<String, Integer> details(ServerSessions sessions) {
        Map<String, Integer> details = new LinkedHashMap<>();
        details.put("connections", sessions.connections());
        details.put("maxConnections", sessions.maxConnections());
        details.put("idleInTransaction", sessions.idleInTransaction());
        details.put("longRunning", sessions.longRunning());
        details.put("blocked", sessions.blocked());
        if (sessions.hidden() > 0) {
            details.put("hidden", sessions.hidden());
        }
        return details;
    }
}
