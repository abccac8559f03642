package io.crablet.eventstore;

/** How a stream of events gets them from the database. */
public enum StreamMode {

    /**
     * Page by page. A connection is borrowed for each page and none is held in between, so that a stream which is slow,
     * abandoned or never closed holds none. The pages together are what one snapshot at the first page would have returned.
     */
    PAGED,

    /**
     * Through one server-side cursor. The fastest, and the one that holds a connection and a read-only transaction until
     * the stream ends, is closed, exceeds its timeout, or can be reached by nothing any more. Use it in try-with-resources.
     */
    CURSOR
}
