package io.crablet.pool;

/**
 * Why a connection has not come back, or why a pool has none left, with what it was concluded from. It has no SQL in it.
 *
 * @param cause the cause
 * @param message a sentence with the evidence, and where there is something to do, what
 */
public record Verdict(VerdictCause cause, String message) {}
