package io.crablet.sample.fault;

/**
 * What was asked for.
 *
 * @param count how often the fault is staged at once
 * @param seconds how long it lasts
 */
record Order(int count, int seconds) {}
