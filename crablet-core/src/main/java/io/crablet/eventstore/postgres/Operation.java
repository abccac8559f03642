package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is borrowed for.
 *
 * @param name what is done
 * @param query with which events; null if with none or with all
 */
record Operation(String name, @Nullable Query query) {

    static final Operation APPEND = new Operation("append", null);
    static final Operation HEAD = new Operation("head", null);
    static final Operation CANCEL = new Operation("cancel", null);

    static Operation read(Query query) {
        return new Operation("read", query);
    }

    static Operation streamPaged(Query query) {
        return new Operation("stream (paged)", query);
    }

    static Operation streamCursor(Query query) {
        return new Operation("stream (cursor)", query);
    }

    static Operation project(Query query) {
        return new Operation("project", query);
    }

    String label() {
        return QueryShape.shortened("event store: " + name + (query == null ? "" : " " + QueryShape.of(query)));
    }
}
