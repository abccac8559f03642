package io.crablet.pool.micrometer;

import io.crablet.pool.TopStatement;
import io.crablet.pool.TopStatements;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Meters of the statements that took most of the server's time. They come and go with the list: a registry would keep those of every
 * statement that was ever in it. Not thread-safe, except that its meters can be read at any time.
 */
final class StatementMeters {

    private final MeterRegistry registry;

    private final Tags tags;

    private final Map<String, Shown> shown = new HashMap<>();

    private @Nullable TopStatements last;

    /** A statement with meters, which keep its last figures. */
    private static final class Shown {

        private volatile TopStatement statement;

        private List<Meter> meters = List.of();

        Shown(TopStatement statement) {
            this.statement = statement;
        }

        double calls() {
            return statement.calls();
        }

        double seconds() {
            return PoolView.seconds(statement.total());
        }
    }

    StatementMeters(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** Makes the meters those of a list; of none if it is null. */
    void show(@Nullable TopStatements now) {
        if (now == last) {
            return;
        }
        last = now;
        Map<String, TopStatement> listed = now == null
                ? Map.of()
                : now.statements().stream().collect(Collectors.toMap(TopStatement::queryId, Function.identity()));
        shown.entrySet().removeIf(entry -> {
            boolean gone = !listed.containsKey(entry.getKey());
            if (gone) {
                entry.getValue().meters.forEach(registry::remove);
            }
            return gone;
        });
        listed.values()
                .forEach(statement ->
                        shown.computeIfAbsent(statement.queryId(), id -> registered(statement)).statement = statement);
    }

    private Shown registered(TopStatement statement) {
        Shown one = new Shown(statement);
        Tags ofOne = tags.and(PoolMetrics.QUERY_ID, statement.queryId());
        one.meters = List.of(
                Gauge.builder(PoolMetrics.STATEMENT_CALLS, one, Shown::calls)
                        .description("Runs of a statement by the pool's role, for those that took most time")
                        .tags(ofOne)
                        .register(registry),
                TimeGauge.builder(PoolMetrics.STATEMENT_TIME, one, TimeUnit.SECONDS, Shown::seconds)
                        .description("Time that the runs of a statement took together, for those that took most time")
                        .tags(ofOne)
                        .register(registry));
        return one;
    }
}
