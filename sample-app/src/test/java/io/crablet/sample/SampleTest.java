package io.crablet.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

/**
 * A test of the whole application over HTTP, on its own embedded PostgreSQL, or on one in a container if the system property
 * {@code crablet.test.postgres} is {@code testcontainers}.
 */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.profiles.include=${crablet.test.postgres:embedded}",
            "sample.follow.poll-interval=50ms",
            "sample.follow.heartbeat=200ms",
            // A connection that a test has not used for a while is not closed while the next request is on its way.
            "server.tomcat.keep-alive-timeout=-1",
            // Who is right in the end is tested, not who gives up on a slow machine.
            "sample.courses.retry-for=60s"
        })
@AutoConfigureRestTestClient
@Import(PostgresContainer.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface SampleTest {}
