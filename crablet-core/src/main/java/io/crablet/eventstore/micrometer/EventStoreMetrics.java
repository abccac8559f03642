package io.crablet.eventstore.micrometer;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.IntSupplier;

/**
 * The meters of an event store. All of them are there, with zero, before the store has done anything. To be given to one store
 * as its listener. None of them asks the database.
 *
 * <p>Thread-safe.
 */
public final class EventStoreMetrics implements EventStoreListener {

    /** Timer: appends, by {@link #OUTCOME}; how long the caller waited. */
    public static final String APPEND = "crablet.events.append";

    /** Counter: events that were appended and committed. */
    public static final String APPENDED = "crablet.events.appended";

    /** Distribution summary: appends that were sent to the database together. */
    public static final String APPEND_BATCH = "crablet.events.append.batch";

    /** Gauge: appends that wait in this application for their turn to be sent. */
    public static final String APPEND_QUEUED = "crablet.events.append.queued";

    /** Counter: appends whose condition failed. */
    public static final String CONFLICTS = "crablet.events.conflicts";

    /** Timer: reads and pages of streams. Cursor streams are not in it, as their time is that of their consumer. */
    public static final String READ = "crablet.events.read";

    /** Gauge: cursor streams that are open, each of which holds a connection. Paged streams hold none, and do not count. */
    public static final String STREAMS_OPEN = "crablet.events.streams.open";

    /** Gauge: the greatest position that this application has seen, by appending or reading; 0 before it has done either. */
    public static final String HEAD = "crablet.events.head";

    /** Tag of {@link #APPEND}: {@code appended}, {@code condition_failed} or {@code error}. */
    public static final String OUTCOME = "outcome";

    private final Map<Outcome, Timer> appends = new EnumMap<>(Outcome.class);
    private final Counter appended;
    private final DistributionSummary batches;
    private final Counter conflicts;
    private final Timer reads;
    private final AtomicInteger openStreams = new AtomicInteger();
    private volatile IntSupplier queuedAppends = () -> 0;
    private final LongAccumulator head = new LongAccumulator(Math::max, 0);

    /**
     * Registers the meters.
     *
     * @param registry where to
     */
    public EventStoreMetrics(MeterRegistry registry) {
        for (Outcome outcome : Outcome.values()) {
            Timer timer = Timer.builder(APPEND)
                    .description("Appends, from the call to the answer")
                    .tag(OUTCOME, outcome.name().toLowerCase(Locale.ROOT))
                    .register(registry);
            appends.put(outcome, timer);
        }
        this.appended = Counter.builder(APPENDED)
                .description("Events that were appended and committed")
                .register(registry);
        this.batches = DistributionSummary.builder(APPEND_BATCH)
                .description("Appends that were sent to the database together")
                .register(registry);
        Gauge.builder(APPEND_QUEUED, () -> queuedAppends.getAsInt())
                .description("Appends that wait for their turn to be sent")
                .register(registry);
        this.conflicts = Counter.builder(CONFLICTS)
                .description("Appends whose condition failed")
                .register(registry);
        this.reads =
                Timer.builder(READ).description("Reads, and pages of streams").register(registry);
        Gauge.builder(STREAMS_OPEN, openStreams, AtomicInteger::get)
                .description("Cursor streams that are open and hold a connection")
                .register(registry);
        Gauge.builder(HEAD, head, LongAccumulator::get)
                .description("Greatest position of the log that was seen")
                .register(registry);
    }

    @Override
    public void storeBuilt(IntSupplier queuedAppends) {
        this.queuedAppends = queuedAppends;
    }

    @Override
    public void appendFinished(Outcome outcome, int events, Duration duration) {
        Timer timer = appends.get(outcome);
        if (timer != null) {
            timer.record(duration);
        }
        if (outcome == Outcome.CONDITION_FAILED) {
            conflicts.increment();
        }
    }

    @Override
    public void batchSent(int requests) {
        batches.record(requests);
    }

    @Override
    public void eventsCommitted(int events) {
        appended.increment(events);
    }

    @Override
    public void readMeasured(Query query, Duration duration) {
        reads.record(duration);
    }

    @Override
    public void streamOpened(Query query) {
        openStreams.incrementAndGet();
    }

    @Override
    public void streamClosed(Query query) {
        openStreams.decrementAndGet();
    }

    @Override
    public void headSeen(long position) {
        head.accumulate(position);
    }
}
