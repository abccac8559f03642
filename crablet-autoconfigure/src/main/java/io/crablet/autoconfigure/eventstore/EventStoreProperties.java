package io.crablet.autoconfigure.eventstore;

import io.crablet.eventstore.postgres.PostgresEventStore;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the event store.
 *
 * @param enabled Whether to provide an event store on the application's data source.
 * @param schema Name of the database schema that holds the log.
 * @param initializeSchema Whether to create the schema at start, or only to check that it is there.
 * @param readTimeout Time that a read, a page of a stream or a whole cursor stream may hold a connection, unless it says so
 *     itself.
 * @param appendTimeout Time that an append may wait for other appends.
 * @param pageSize Most events that a page of a stream holds, and the fetch size of a cursor stream.
 * @param maxEventSize Most that data and metadata of an event may have together.
 * @param append Settings of appends.
 */
@ConfigurationProperties("crablet.event-store")
record EventStoreProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue(PostgresEventStore.DEFAULT_SCHEMA) String schema,
        @DefaultValue("always") InitializeSchema initializeSchema,
        @DefaultValue("30s") Duration readTimeout,
        @DefaultValue("10s") Duration appendTimeout,

        @DefaultValue("" + PostgresEventStore.DEFAULT_PAGE_SIZE)
        int pageSize,

        @DefaultValue(PostgresEventStore.DEFAULT_MAX_EVENT_BYTES + "B")
        DataSize maxEventSize,

        @DefaultValue Append append) {

    EventStoreProperties {
        requireInt("crablet.event-store.max-event-size", maxEventSize);
    }

    /** What is done about the schema at start. */
    enum InitializeSchema {

        /** Create what is missing. */
        ALWAYS,

        /** Create nothing, and refuse to start if the schema is missing or of another version. */
        NEVER
    }

    /**
     * Settings of appends.
     *
     * @param maxBatchEvents Most events that one append may have, and appends that are sent together.
     * @param maxBatchSize Most that data and metadata of all events may have together, of one append or of appends that are
     *     sent together.
     * @param maxQueued Most appends that may wait for their turn; more are refused.
     * @param groupCommit Whether appends of several threads are sent together. To be off where a connection depends on the
     *     thread that borrows it.
     */
    record Append(
            @DefaultValue("" + PostgresEventStore.DEFAULT_MAX_BATCH_EVENTS)
            int maxBatchEvents,

            @DefaultValue(PostgresEventStore.DEFAULT_MAX_BATCH_BYTES + "B")
            DataSize maxBatchSize,

            @DefaultValue("" + PostgresEventStore.DEFAULT_MAX_QUEUED_APPENDS)
            int maxQueued,

            @DefaultValue("true") boolean groupCommit) {

        Append {
            requireInt("crablet.event-store.append.max-batch-size", maxBatchSize);
        }
    }

    private static void requireInt(String property, DataSize size) {
        if (size.toBytes() < 1 || size.toBytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    property + " is " + size + "; it has to be from 1B to " + Integer.MAX_VALUE + "B");
        }
    }
}
