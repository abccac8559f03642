package io.crablet.benchmarks.application;

import io.crablet.benchmarks.Server;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings that applications have in common which are compared. */
final class Settings {

    private final Map<String, String> values = new LinkedHashMap<>();

    /**
     * The settings of an application.
     *
     * @param server where its database is
     * @param url of the database
     * @param poolSize the maximum, and the minimum that is kept idle
     */
    Settings(Server server, String url, int poolSize) {
        with("server.port", "0")
                .with("server.address", "127.0.0.1")
                .with("spring.main.banner-mode", "off")
                .with("spring.datasource.url", url)
                .with("spring.datasource.username", server.user())
                .with("spring.datasource.password", server.password())
                .with("spring.datasource.hikari.maximum-pool-size", Integer.toString(poolSize))
                .with("spring.datasource.hikari.minimum-idle", Integer.toString(poolSize))
                // Both have Hikari's own settings, whatever is faster.
                .with("crablet.pool.profile", "none")
                // Without it there are no answers of single components.
                .with("management.endpoint.health.show-details", "always")
                .with("logging.level.root", "error")
                .with("logging.level.io.crablet.benchmarks", "info");
    }

    Settings with(String property, String value) {
        values.put(property, value);
        return this;
    }

    /** As arguments of a program. */
    String[] arguments() {
        return values.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toArray(String[]::new);
    }
}
