package io.crablet.benchmarks;

/**
 * What a benchmark works with.
 *
 * @param server a PostgreSQL with fsync on
 * @param scale how much to measure
 * @param report where the figures go
 */
public record Run(Server server, Scale scale, Report report) {}
