package io.crablet.benchmarks;

import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * Where and when a run took place.
 *
 * @param date when it began
 * @param scale how much was measured
 * @param machine cores, memory and the like; nothing that says whose it is
 * @param versions of what takes part
 * @param postgres the server's settings that matter
 */
record Environment(
        Instant date,
        Scale scale,
        Map<String, String> machine,
        Map<String, String> versions,
        Map<String, String> postgres) {

    static Environment of(Server server, Scale scale) throws SQLException {
        Map<String, String> versions = Versions.ofLibraries();
        versions.put("PostgreSQL", server.version());
        return new Environment(
                Instant.now().truncatedTo(ChronoUnit.SECONDS), scale, Machine.describe(), versions, server.settings());
    }
}
