package io.crablet.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ApplicationProcessTests {

    private static final int TERMINATED = 143;

    @TempDir
    Path folder;

    @Test
    void dataInANamedFolderSurvivesAStopAndAKill() throws Exception {
        try (ApplicationProcess application = start()) {
            application.awaitReady();
            assertThat(define(application, "before the stop")).isEqualTo(201);
            assertThat(application.terminate()).isEqualTo(TERMINATED);
        }
        ProcessHandle leftBehind;
        try (ApplicationProcess application = start()) {
            application.awaitReady();
            assertThat(application.get("/events").body()).contains("before the stop");
            assertThat(define(application, "before the kill")).isEqualTo(201);
            application.kill();
            leftBehind = LeftoverServer.of(data()).orElseThrow().process();
            assertThat(leftBehind.isAlive()).isTrue();
        }
        try (ApplicationProcess application = start()) {
            application.awaitReady();
            assertThat(leftBehind.isAlive()).isFalse();
            assertThat(application.get("/events").body()).contains("before the stop", "before the kill");
            assertThat(application.terminate()).isEqualTo(TERMINATED);
        }
    }

    @Test
    void aSecondInstanceOnTheSameFolderIsToldSoAndTheFirstGoesOnUntilItStopsQuietly() throws Exception {
        try (ApplicationProcess application = start()) {
            application.awaitReady();
            assertThat(application.output())
                    .contains("http://localhost:", "/courses", "/events", "/actuator/health")
                    .contains("jdbc:postgresql://localhost:", "embedded PostgreSQL in " + folder.resolve("named"))
                    .contains("profile   low-throughput", "capacity  maximum-pool-size 50 fits");
            try (ApplicationProcess second = start()) {
                assertThat(second.awaitExit()).isEqualTo(1);
                assertThat(second.output())
                        .contains("APPLICATION FAILED TO START", "is in use by another instance of this application.")
                        .doesNotContain("\tat ");
            }
            assertThat(define(application, "course")).isEqualTo(201);
            InputStream events = application.follow();

            assertThat(application.terminate()).isEqualTo(TERMINATED);

            assertThat(new String(events.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("CourseDefined");
            assertThat(application.output()).contains("Graceful shutdown complete");
            assertThat(application.output().lines())
                    .noneMatch(line -> line.contains(" ERROR ") || line.contains(" WARN "))
                    .last()
                    .asString()
                    .contains("PostgreSQL has stopped");
        }
        assertThat(data().resolve("PG_VERSION")).exists();
        assertThat(data().resolve("postmaster.pid")).doesNotExist();
    }

    private static int define(ApplicationProcess application, String course) throws Exception {
        return application
                .post("/courses", "{\"id\":\"" + course + "\",\"capacity\":30}")
                .statusCode();
    }

    private Path data() {
        return folder.resolve("named").resolve("data");
    }

    private ApplicationProcess start() throws Exception {
        return ApplicationProcess.start(
                folder, Map.of("CRABLET_DATA_DIR", folder.resolve("named").toString()));
    }
}
