package io.crablet.pool.ledger;

/** What a connection of a ledger unwraps to, so that the ledger finds its entry through any wrapper around it. */
interface Borrowed {

    Borrow borrow();
}
