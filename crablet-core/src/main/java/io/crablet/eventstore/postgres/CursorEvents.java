package io.crablet.eventstore.postgres;

import io.crablet.eventstore.SequencedEvent;
import java.lang.ref.Reference;
import java.util.Spliterators;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer of a cursor stream holds: everything that can ask for another event, or close the stream, leads here. Where
 * nothing does any more, the stream is forgotten, and the {@link QueryGuard} ends it. So what the guard keeps, which is the
 * {@link CursorRead}, must never lead here.
 */
final class CursorEvents extends Spliterators.AbstractSpliterator<SequencedEvent> implements AutoCloseable {

    private final CursorRead read;

    CursorEvents(CursorRead read) {
        super(Long.MAX_VALUE, ORDERED | DISTINCT | NONNULL | IMMUTABLE);
        this.read = read;
    }

    @Override
    public boolean tryAdvance(Consumer<? super SequencedEvent> consumer) {
        try {
            SequencedEvent event = next();
            if (event == null) {
                return false;
            }
            consumer.accept(event);
            return true;
        } catch (Throwable e) {
            closeAfter(e);
            throw e;
        } finally {
            // Compiled code could forget this object earlier, with the fetch or the consumer still at work.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        try {
            read.close();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private @Nullable SequencedEvent next() {
        return read.next(this);
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
