package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.SequencedEvent;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Events page by page. Holds no connection between pages, so there is nothing to close.
 *
 * <p>The pages together are what one snapshot at the first page would have returned: nothing is ever changed or inserted
 * before the head, and the first page's head bounds the others.
 */
final class PagedEvents implements Iterator<SequencedEvent> {

    /** For a reader that only wants a few. */
    private static final int FIRST_PAGE = 100;

    private final EventReader reader;
    private final Operation operation;
    private final Query query;
    private final ReadOptions options;
    private final int maxPageSize;

    private Iterator<SequencedEvent> page = List.<SequencedEvent>of().iterator();
    private int pageSize;
    private boolean isLastPage;
    private long remaining;
    private long after;
    private long until;
    private long head = -1;

    PagedEvents(EventReader reader, Operation operation, Query query, ReadOptions options, int maxPageSize) {
        this.reader = reader;
        this.operation = operation;
        this.query = query;
        this.options = options;
        this.maxPageSize = maxPageSize;
        this.pageSize = Math.min(FIRST_PAGE, maxPageSize);
        this.remaining = options.limit();
        this.after = options.after();
        this.until = options.until();
    }

    @Override
    public boolean hasNext() {
        while (!page.hasNext() && !isLastPage) {
            readPage();
        }
        return page.hasNext();
    }

    @Override
    public SequencedEvent next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.next();
    }

    /** Returns the head of the log when the first page was read. */
    long head() {
        if (head < 0) {
            readPage();
        }
        return head;
    }

    private void readPage() {
        if (Thread.currentThread().isInterrupted()) {
            throw StoreErrors.interrupted("stream", null);
        }
        long size = Math.min(pageSize, remaining);
        EventQuery.Window window = new EventQuery.Window(after, until, size, options.backwards());
        EventReader.Page next = reader.readPage(operation, query, window, options);
        List<SequencedEvent> events = next.events();
        if (head < 0) {
            head = next.head();
            until = Math.min(until, head);
        }
        remaining -= events.size();
        boolean isFull = events.size() == size || next.bytes() >= EventQuery.PAGE_BYTES;
        isLastPage = !isFull || remaining == 0;
        if (!events.isEmpty()) {
            moveWindow(events.get(events.size() - 1).position());
        }
        pageSize = maxPageSize;
        page = events.iterator();
    }

    private void moveWindow(long lastPosition) {
        if (options.backwards()) {
            until = lastPosition - 1;
        } else {
            after = lastPosition;
        }
    }
}
