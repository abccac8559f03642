package io.crablet.test;

import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** Starts PostgreSQL in a container; Testcontainers removes it after the JVM has ended. */
final class ContainerServer {

    private static final String IMAGE_PROPERTY = "crablet.test.postgres.image";

    private ContainerServer() {}

    @SuppressWarnings("resource") // It has to outlive this method.
    static PostgresServer start() {
        DockerImageName image = DockerImageName.parse(System.getProperty(IMAGE_PROPERTY, "postgres:15"))
                .asCompatibleSubstituteFor("postgres");
        PostgreSQLContainer container = new PostgreSQLContainer(image);
        container.setCommand(
                "postgres",
                "-c",
                "fsync=off",
                "-c",
                "max_connections=" + PostgresServer.MAX_CONNECTIONS,
                "-c",
                "shared_preload_libraries=" + PostgresServer.LIBRARY);
        container.start();
        return new PostgresServer(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container.getUsername(),
                container.getPassword());
    }
}
