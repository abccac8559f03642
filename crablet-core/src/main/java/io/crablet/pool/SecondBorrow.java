package io.crablet.pool;

/**
 * Two lines of code of which one borrows a connection while its thread holds one from the other. With enough threads at once,
 * all hold their first and wait for a second that nobody can give.
 *
 * @param firstSite where the connection was borrowed that was held
 * @param secondSite where the other one was asked for
 * @param count how often that was seen
 */
public record SecondBorrow(String firstSite, String secondSite, long count) {}
