package io.crablet.sample;

import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Profile;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** PostgreSQL in a container, of the image that the system property {@code crablet.test.postgres.image} names. */
@TestConfiguration(proxyBeanMethods = false)
@Profile("testcontainers")
class PostgresContainer {

    @Bean
    @ServiceConnection
    PostgreSQLContainer postgresContainer() {
        String image = System.getProperty("crablet.test.postgres.image", "postgres:15");
        return new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
    }
}
