package io.crablet.sample.fault;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.StreamMode;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Stream;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Reads the first event of a cursor stream and leaves the stream open. */
@FaultComponent
final class OpenCursorStream implements Fault {

    private static final Duration GRACE = Duration.ofSeconds(10);

    private final EventStore store;

    OpenCursorStream(EventStore store) {
        this.store = store;
    }

    @Override
    public String kind() {
        return "open-cursor-stream";
    }

    @Override
    public String effect(Order order) {
        return "Reads the first event of " + order.count("cursor stream", "cursor streams") + " and leaves it open for "
                + order.seconds() + " s, with a connection and a transaction";
    }

    /** A stream of no events ends before it can be left open. */
    @Override
    public int threads(Order order) {
        if (store.head() == 0) {
            throw new ResponseStatusException(HttpStatus.CONFLICT, "The log is empty; create a course first");
        }
        return order.count();
    }

    @Override
    public void act(Scene scene) throws InterruptedException {
        ReadOptions options =
                ReadOptions.defaults().withTimeout(scene.remaining().plus(GRACE));
        try (Stream<SequencedEvent> events = store.stream(Query.all(), options, StreamMode.CURSOR)) {
            Iterator<SequencedEvent> iterator = events.iterator();
            iterator.next();
            scene.awaitEnd();
        }
    }
}
