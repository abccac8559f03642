package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.BorrowLabels;
import io.crablet.eventstore.DecisionModel;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The event store on PostgreSQL 14 or later. Its schema has to be there: see {@link PostgresSchema}.
 *
 * <p>An append is one round trip: {@code crablet_append} takes the log's lock, reads the head, checks the condition and inserts
 * at the positions after the head. The primary key of the positions makes it impossible to commit an append that was checked
 * against an old state of the log. Appends that are called while another is under way are sent together when that has returned, in
 * the order of their calls, by one of their threads: any number of threads needs one connection.
 *
 * <p>Thread-safe. Needs no closing: it holds no connection between calls, and its one daemon thread ends by itself when there
 * is nothing to look after.
 */
public final class PostgresEventStore implements EventStore {

    /** The schema of the log, unless told otherwise. */
    public static final String DEFAULT_SCHEMA = "public";

    /** How long a read may hold a connection, unless told otherwise. */
    public static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(30);

    /** How long an append may wait for other appends, unless told otherwise. */
    public static final Duration DEFAULT_APPEND_TIMEOUT = Duration.ofSeconds(10);

    /** The most events that a page of a stream holds, and the fetch size of a cursor, unless told otherwise. */
    public static final int DEFAULT_PAGE_SIZE = 1_000;

    /** The most bytes that data and metadata of an event may have together, unless told otherwise. */
    public static final int DEFAULT_MAX_EVENT_BYTES = 1_000_000;

    /** The most events that one append may have, unless told otherwise. */
    public static final int DEFAULT_MAX_BATCH_EVENTS = 10_000;

    /** The most bytes that data and metadata of all events of one append may have together, unless told otherwise. */
    public static final int DEFAULT_MAX_BATCH_BYTES = 64 * 1024 * 1024;

    /** The most appends that may wait for their turn, unless told otherwise. */
    public static final int DEFAULT_MAX_QUEUED_APPENDS = 10_000;

    private final Appender appender;
    private final EventReader reader;
    private final EventStreams streams;
    private final EventLimits limits;

    private PostgresEventStore(Builder builder) {
        String schema = Identifier.quote(builder.schema);
        EventStoreListener listener = new SafeListener(List.copyOf(builder.listeners));
        Sessions sessions = new Sessions(builder.dataSource, builder.borrowLabels);
        this.limits = new EventLimits(builder.maxEventBytes, builder.maxBatchEvents, builder.maxBatchBytes);
        AppendQueue queue = new AppendQueue(builder.maxBatchEvents, builder.maxBatchBytes, builder.maxQueuedAppends);
        this.appender = new Appender(
                sessions,
                new AppendCall(schema),
                builder.groupCommit && !ThreadBoundDataSource.is(builder.dataSource) ? queue : null,
                builder.appendTimeout,
                listener);
        this.reader = new EventReader(sessions, schema, builder.readTimeout, listener);
        this.streams = new EventStreams(sessions, reader, listener, builder.pageSize);
        listener.storeBuilt(queue::size);
    }

    /**
     * Begins to build a store.
     *
     * @param dataSource where connections come from, the very one of the transaction manager. The caller keeps and closes it
     * @return a builder with the defaults of this class
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    @Override
    public AppendResult append(List<Event> events) {
        return appender.append(limits.check(events, null));
    }

    @Override
    public AppendResult append(List<Event> events, AppendCondition condition) {
        Objects.requireNonNull(condition, "condition");
        return appender.append(limits.check(events, condition));
    }

    @Override
    public ReadResult read(Query query, ReadOptions options) {
        return reader.read(Objects.requireNonNull(query, "query"), options);
    }

    @Override
    public Stream<SequencedEvent> stream(Query query, ReadOptions options, StreamMode mode) {
        Objects.requireNonNull(query, "query");
        Objects.requireNonNull(options, "options");
        return streams.stream(query, options, mode);
    }

    @Override
    public DecisionModel project(List<? extends Projector<?>> projectors, ReadOptions options) {
        if (options.backwards() || options.limit() != Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "a projection goes forwards through all events, so it takes neither a limit nor backwards");
        }
        Query query = DecisionModel.query(projectors);
        PagedEvents events = streams.paged(Operation.project(query), query, options);
        return DecisionModel.fold(projectors, events, () -> Math.min(events.head(), options.until()));
    }

    @Override
    public long head() {
        return reader.head();
    }

    /** Builds a store. Not thread-safe. */
    public static final class Builder {

        private final DataSource dataSource;
        private String schema = DEFAULT_SCHEMA;
        private Duration readTimeout = DEFAULT_READ_TIMEOUT;
        private Duration appendTimeout = DEFAULT_APPEND_TIMEOUT;
        private int pageSize = DEFAULT_PAGE_SIZE;
        private int maxEventBytes = DEFAULT_MAX_EVENT_BYTES;
        private int maxBatchEvents = DEFAULT_MAX_BATCH_EVENTS;
        private int maxBatchBytes = DEFAULT_MAX_BATCH_BYTES;
        private int maxQueuedAppends = DEFAULT_MAX_QUEUED_APPENDS;
        private boolean groupCommit = true;
        private final List<EventStoreListener> listeners = new ArrayList<>();
        private BorrowLabels borrowLabels = BorrowLabels.NONE;

        private Builder(DataSource dataSource) {
            this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the log.
         *
         * @param schema its name, as it is, without quotes
         * @return this builder
         */
        public Builder schema(String schema) {
            this.schema = Objects.requireNonNull(schema, "schema");
            return this;
        }

        /**
         * Sets how long a read may hold a connection, where its {@link ReadOptions} do not say.
         *
         * @param readTimeout at least 1 ms
         * @return this builder
         */
        public Builder readTimeout(Duration readTimeout) {
            this.readTimeout = Positive.required("read timeout", readTimeout);
            return this;
        }

        /**
         * Sets how long an append may wait for other appends. Once it has a connection, it is cancelled 2 seconds later at
         * the latest.
         *
         * @param appendTimeout at least 1 ms
         * @return this builder
         */
        public Builder appendTimeout(Duration appendTimeout) {
            this.appendTimeout = Positive.required("append timeout", appendTimeout);
            return this;
        }

        /**
         * Sets the most events that a page of a stream holds, and that a cursor fetches at once. Where events are large it is
         * fewer: a page ends with the event that brings it to 4 MB, and a cursor fetches as many of the largest event so far
         * as fit into that.
         *
         * @param pageSize at least 1
         * @return this builder
         */
        public Builder pageSize(int pageSize) {
            this.pageSize = Positive.required("page size", pageSize);
            return this;
        }

        /**
         * Sets the most bytes of UTF-8 that data and metadata of an event may have together.
         *
         * @param maxEventBytes at least 1
         * @return this builder
         */
        public Builder maxEventBytes(int maxEventBytes) {
            this.maxEventBytes = Positive.required("most bytes of an event", maxEventBytes);
            return this;
        }

        /**
         * Sets the most events that one append may have, and that appends which are sent together may have.
         *
         * @param maxBatchEvents at least 1
         * @return this builder
         */
        public Builder maxBatchEvents(int maxBatchEvents) {
            this.maxBatchEvents = Positive.required("most events of an append", maxBatchEvents);
            return this;
        }

        /**
         * Sets the most bytes of UTF-8 that data and metadata of all events of one append may have together, and those of
         * appends which are sent together.
         *
         * @param maxBatchBytes at least 1
         * @return this builder
         */
        public Builder maxBatchBytes(int maxBatchBytes) {
            this.maxBatchBytes = Positive.required("most bytes of an append", maxBatchBytes);
            return this;
        }

        /**
         * Sets the most appends that may wait for their turn. One more is refused at once, with a {@link
         * org.springframework.dao.TransientDataAccessResourceException}.
         *
         * @param maxQueuedAppends at least 1
         * @return this builder
         */
        public Builder maxQueuedAppends(int maxQueuedAppends) {
            this.maxQueuedAppends = Positive.required("most queued appends", maxQueuedAppends);
            return this;
        }

        /**
         * Sets whether appends that are called at the same time share a connection and a commit, which is many times faster. A
         * thread then sends what other threads have called. So it has to be off where a connection depends on the thread that
         * borrows it, as with a tenant in a thread-local variable. It is off by itself with Spring's own data sources of
         * that kind ({@code AbstractRoutingDataSource}, {@code UserCredentialsDataSourceAdapter}).
         *
         * @param groupCommit on by default
         * @return this builder
         */
        public Builder groupCommit(boolean groupCommit) {
            this.groupCommit = groupCommit;
            return this;
        }

        /**
         * Adds somebody who is told of the store's work.
         *
         * @param listener the listener
         * @return this builder
         */
        public Builder listener(EventStoreListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Sets who is told what a connection is being borrowed for.
         *
         * @param borrowLabels told of each borrow
         * @return this builder
         */
        public Builder borrowLabels(BorrowLabels borrowLabels) {
            this.borrowLabels = Objects.requireNonNull(borrowLabels, "borrowLabels");
            return this;
        }

        /**
         * Builds the store. Sends nothing to the database.
         *
         * @return the store
         */
        public PostgresEventStore build() {
            return new PostgresEventStore(this);
        }
    }
}
