package io.crablet.sample.console;

import io.crablet.sample.SampleTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;

/** A test of the sample's console in a browser, with a small pool and faults to stage. */
@SampleTest
@ActiveProfiles("faults")
@Tag("browser")
@ExtendWith(ChromiumExtension.class)
@TestPropertySource(
        properties = {
            "spring.datasource.hikari.maximum-pool-size=" + Stage.POOL,
            "spring.datasource.hikari.minimum-idle=3",
            "spring.datasource.hikari.connection-timeout=60000",
            "crablet.pool.watch.interval=1s",
            "crablet.pool.watch.suspect-after=2s",
            "crablet.pool.health.exhausted-for=1s"
        })
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface ConsoleTest {}
