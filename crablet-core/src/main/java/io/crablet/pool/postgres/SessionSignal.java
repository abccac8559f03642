package io.crablet.pool.postgres;

/**
 * What came of telling a session to cancel its statement or to end.
 *
 * @param pid the server's process
 * @param sent whether it was told; false if that was refused
 * @param message a sentence: whose session it was and what it did, or why it was refused and what to do
 */
public record SessionSignal(int pid, boolean sent, String message) {}
