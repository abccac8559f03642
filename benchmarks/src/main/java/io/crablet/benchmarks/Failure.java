package io.crablet.benchmarks;

/**
 * A benchmark that went wrong.
 *
 * @param benchmark its name
 * @param reason what it said
 */
public record Failure(String benchmark, String reason) {}
