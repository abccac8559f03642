package io.crablet.autoconfigure.pool;

import io.crablet.pool.TopStatement;
import io.crablet.pool.TopStatements;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement that took much of the server's time, as the endpoint shows it. Its number is text, as JavaScript would round it. */
record TopStatementReport(
        String queryId,
        @Nullable String statement,
        long calls,
        double totalMs,
        double meanMs,
        double maxMs,
        long rows,
        long blocksHit,
        long blocksRead) {

    /** Returns null if they cannot be seen. */
    static @Nullable List<TopStatementReport> of(@Nullable TopStatements statements, boolean showSql) {
        return statements == null || statements.hint() != null
                ? null
                : statements.statements().stream()
                        .map(statement -> of(statement, showSql))
                        .toList();
    }

    private static TopStatementReport of(TopStatement statement, boolean showSql) {
        return new TopStatementReport(
                statement.queryId(),
                showSql ? statement.statement() : null,
                statement.calls(),
                millis(statement.total()),
                millis(statement.mean()),
                millis(statement.max()),
                statement.rows(),
                statement.blocksHit(),
                statement.blocksRead());
    }

    /** To the microsecond. */
    private static double millis(Duration duration) {
        return duration.toNanos() / 1_000 / 1_000.0;
    }
}
