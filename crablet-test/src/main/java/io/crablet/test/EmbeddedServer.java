package io.crablet.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;

/** Starts PostgreSQL as a process of this machine; it stops with the JVM. */
final class EmbeddedServer {

    private static final String SUPERUSER = "postgres";

    private EmbeddedServer() {}

    @SuppressWarnings("resource") // The library stops the server in a shutdown hook of its own.
    static PostgresServer start() {
        try {
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setServerConfig("max_connections", String.valueOf(PostgresServer.MAX_CONNECTIONS))
                    .setServerConfig("fsync", "off")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("shared_preload_libraries", PostgresServer.LIBRARY)
                    // The machine's own locale may not be there for initdb to use.
                    .setLocaleConfig("locale", "C")
                    .start();
            return new PostgresServer("localhost", postgres.getPort(), SUPERUSER, SUPERUSER);
        } catch (IOException e) {
            throw new IllegalStateException("The embedded PostgreSQL did not start", e);
        }
    }
}
