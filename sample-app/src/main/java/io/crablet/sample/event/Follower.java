package io.crablet.sample.event;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.SequencedEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import tools.jackson.databind.json.JsonMapper;

/** One client that follows the log. */
final class Follower {

    private static final Logger log = LoggerFactory.getLogger(Follower.class);

    private static final long NO_TIMEOUT = 0;
    private static final int BATCH = 500;

    private final EventSelection selection;
    private final EventStore store;
    private final JsonMapper json;
    private final long heartbeatNanos;
    private final SseEmitter emitter = new SseEmitter(NO_TIMEOUT);

    private long position;
    private long remaining;
    private long lastSent;
    private boolean behind;

    Follower(EventSelection selection, EventStore store, JsonMapper json, Duration heartbeat) {
        this.selection = selection;
        this.store = store;
        this.json = json;
        this.heartbeatNanos = heartbeat.toNanos();
        this.position = selection.options().after();
        this.remaining = selection.options().limit();
        // A heartbeat is due at once: with it the client sees that its request is answered.
        this.lastSent = System.nanoTime() - heartbeatNanos;
    }

    SseEmitter emitter() {
        return emitter;
    }

    /** Returns whether there may be more events right now. */
    boolean isBehind() {
        return behind;
    }

    /** Reads a number of events at most, so that every follower has its turn. Returns nothing if they can not be read. */
    Optional<ReadResult> read() {
        try {
            return Optional.of(store.read(
                    selection.query(), selection.options().withAfter(position).withLimit(limit())));
        } catch (DataAccessException e) {
            log.warn("Could not read events after position {}; trying again", position, e);
            behind = false;
            return Optional.empty();
        }
    }

    /** Sends what was read, and waits for the client to take it. Returns whether there is a next turn. */
    boolean send(ReadResult found) {
        try {
            behind = sendEvents(found);
            if (remaining == 0) {
                return false;
            }
            if (System.nanoTime() - lastSent >= heartbeatNanos) {
                send(SseEmitter.event().comment("seen up to position " + position));
            }
        } catch (IOException | IllegalStateException e) {
            log.debug("A client has gone at position {}", position, e);
            return false;
        }
        return true;
    }

    private long limit() {
        return Math.min(BATCH, remaining);
    }

    private boolean sendEvents(ReadResult found) throws IOException {
        long limit = limit();
        for (SequencedEvent event : found.events()) {
            send(SseEmitter.event()
                    .id(Long.toString(event.position()))
                    .data(json.writeValueAsString(EventLine.of(event))));
            position = event.position();
            remaining--;
        }
        if (found.events().size() == limit) {
            return true;
        }
        position = Math.max(position, found.head());
        return false;
    }

    private void send(SseEmitter.SseEventBuilder event) throws IOException {
        emitter.send(event);
        lastSent = System.nanoTime();
    }
}
