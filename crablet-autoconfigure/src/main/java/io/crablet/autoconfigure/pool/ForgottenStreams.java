package io.crablet.autoconfigure.pool;

import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import java.sql.Connection;

/** Enters a cursor stream that the program has forgotten, and that the event store ends itself, into the ledgers as a leak. */
final class ForgottenStreams implements EventStoreListener {

    private final Ledgers ledgers;

    ForgottenStreams(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    @Override
    public void streamForgotten(Query query, Connection connection) {
        ledgers.forgotten(connection);
    }
}
