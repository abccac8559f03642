package io.crablet.eventstore.postgres;

import io.crablet.eventstore.postgres.PendingAppend.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends in the order of their calls, and who of their callers leads: the first, while it sends what stands in the queue. Thread-safe.
 *
 * <p>A list that is linked through its elements, under a plain monitor: to pass the lead on, or to take somebody out, needs no
 * memory, and so happens even when there is none left.
 */
final class AppendQueue {

    private final int maxEvents;
    private final long maxBytes;
    private final int maxQueued;

    private @Nullable PendingAppend first;
    private @Nullable PendingAppend last;
    private int size;
    private boolean led;

    /**
     * Creates an empty queue.
     *
     * @param maxEvents the most events, and items of conditions, of a batch, unless its first append alone has more
     * @param maxBytes the most bytes of a batch, unless its first append alone has more
     * @param maxQueued the most appends that may wait
     */
    AppendQueue(int maxEvents, long maxBytes, int maxQueued) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
        this.maxQueued = maxQueued;
    }

    /**
     * Enters the queue, at its end. A caller who finds nobody leading leads.
     *
     * @return whether there was room
     */
    synchronized boolean enter(PendingAppend append) {
        if (size >= maxQueued) {
            return false;
        }
        linkLast(append);
        if (!led) {
            led = true;
            append.state(State.LEADING);
        }
        return true;
    }

    /**
     * Takes an append out, if it has not been sent.
     *
     * @return whether it was still there; afterwards it certainly is not sent
     */
    synchronized boolean withdraw(PendingAppend append) {
        if (append.state() != State.QUEUED) {
            return false;
        }
        unlink(append);
        append.state(State.WITHDRAWN);
        return true;
    }

    /** Takes an append out whose caller cannot go on. If he has led, the first of the others does so now. */
    synchronized void leave(PendingAppend append) {
        boolean wasLeading = append.state() == State.LEADING;
        drop(append);
        if (wasLeading) {
            passOn();
        }
    }

    /** Takes an append out if it is there. The lead stays with whom has it. */
    synchronized void drop(PendingAppend append) {
        if (append.state() == State.QUEUED || append.state() == State.LEADING) {
            unlink(append);
            append.state(State.WITHDRAWN);
        }
    }

    /**
     * Takes the next batch out: from the first on, as many as the limits allow. None of them overtakes another, and whose time
     * is up is not among them.
     */
    synchronized List<PendingAppend> take() {
        long now = System.nanoTime();
        int count = 0;
        int company = Integer.MAX_VALUE;
        long entries = 0;
        long bytes = 0;
        PendingAppend end = first;
        while (end != null) {
            if (end.remaining(now) > 0) {
                company = Math.min(company, end.company());
                entries += end.request().entries();
                bytes += end.request().bytesToSend();
                if (count > 0 && (count >= company || entries > maxEvents || bytes > maxBytes)) {
                    break;
                }
                count++;
            }
            end = end.next;
        }
        // Before anything is taken out, as this may find no memory.
        List<PendingAppend> batch = new ArrayList<>(count);
        for (PendingAppend append = first; append != end && append != null; append = first) {
            unlink(append);
            if (append.remaining(now) <= 0) {
                // Its caller wakes up by himself, as his time is up.
                append.state(State.WITHDRAWN);
            } else {
                append.state(State.SENT);
                batch.add(append);
            }
        }
        return batch;
    }

    /** Puts what was taken out, and was not appended, back to the front, in its order. */
    synchronized void putBack(List<PendingAppend> batch) {
        for (int i = batch.size() - 1; i >= 0; i--) {
            PendingAppend append = batch.get(i);
            if (!append.isOver()) {
                append.state(State.QUEUED);
                linkFirst(append);
            }
        }
    }

    /** Ends a caller's lead. The first in the queue leads next. */
    synchronized void passOn() {
        PendingAppend next = first;
        if (next == null) {
            led = false;
        } else {
            next.state(State.LEADING);
            next.wake();
        }
    }

    /** Returns how many wait, the leader's own among them until it is sent. */
    synchronized int size() {
        return size;
    }

    private void linkLast(PendingAppend append) {
        append.previous = last;
        append.next = null;
        if (last == null) {
            first = append;
        } else {
            last.next = append;
        }
        last = append;
        size++;
    }

    private void linkFirst(PendingAppend append) {
        append.next = first;
        append.previous = null;
        if (first == null) {
            last = append;
        } else {
            first.previous = append;
        }
        first = append;
        size++;
    }

    private void unlink(PendingAppend append) {
        if (append.previous == null) {
            first = append.next;
        } else {
            append.previous.next = append.next;
        }
        if (append.next == null) {
            last = append.previous;
        } else {
            append.next.previous = append.previous;
        }
        append.next = null;
        append.previous = null;
        size--;
    }
}
