package io.crablet.eventstore.postgres;

import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One caller's append, as part of a batch.
 *
 * @param events checked already
 * @param bytes of data and metadata of all of them, as UTF-8
 * @param condition null for an unconditional append
 */
record AppendRequest(
        List<Event> events, long bytes, @Nullable AppendCondition condition) {}
