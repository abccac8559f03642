package io.crablet.pool.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.pool.DatabaseAnswer.Answered;
import io.crablet.pool.ServerSnapshot;
import io.crablet.pool.postgres.TestClients.Client;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Through a PgBouncer in transaction mode, which has to be installed. */
@ExtendWith(PostgresExtension.class)
@EnabledIfSystemProperty(named = "crablet.test.pgbouncer", matches = "true")
class PgBouncerTests {

    private static final ProbeSettings SETTINGS = new ProbeSettings(
            Duration.ofMillis(50), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30));

    private final TestDatabase database;

    private final TestClients clients;

    private Process bouncer;

    private DatabaseAddress throughBouncer;

    private DatabaseAddress direct;

    private DatabaseProbe probe;

    PgBouncerTests(TestDatabase database) {
        this.database = database;
        this.clients = new TestClients(database);
    }

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        String app = clients.role("app");
        int port = freePort();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path users =
                Files.writeString(directory.resolve("users"), "\"%s\" \"%s\"\n".formatted(app, TestClients.PASSWORD));
        Path settings = Files.writeString(
                directory.resolve("ini"), """
                [databases]
                * = host=127.0.0.1 port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = plain
                auth_file = %s
                pool_mode = transaction
                ignore_startup_parameters = extra_float_digits
                """.formatted(database.server().port(), port, users));
        // It refuses to be root, and as anybody else it cannot become another user.
        List<String> command = new ArrayList<>(List.of("pgbouncer", "--quiet"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("--user", "nobody"));
        }
        command.add(settings.toString());
        bouncer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        direct = clients.address(app);
        throughBouncer = new DatabaseAddress(
                "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database.name()),
                app,
                TestClients.PASSWORD,
                new Properties());
        await().ignoreExceptions().until(() -> {
            throughBouncer.open(SETTINGS.timeLimit()).close();
            return true;
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        probe.close();
        bouncer.destroy();
        assertThat(bouncer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        clients.close();
    }

    @Test
    void theWatchAnswersThroughItAndSaysThatItCannotJoin() throws Exception {
        probe = new DatabaseProbe("test", throughBouncer, SETTINGS, InstantSource.system());
        probe.start();
        Client other = clients.connect("app_" + database.name()).leaveOpen("select 1");

        // More often than the driver needs to prepare a statement by name, which a pooler may not know.
        for (int round = 0; round < 10; round++) {
            ServerSnapshot before = snapshot();
            await().until(() -> snapshot().takenAt().isAfter(before.takenAt()));
            assertThat(probe.cancel(other.pid()).message()).contains("it is idle in transaction");
        }
        assertThat(snapshot().joinable()).isFalse();
        assertThat(snapshot().whyNotJoinable()).startsWith("There is a pooler such as PgBouncer");
        assertThat(snapshot().sessions().get(other.pid()).isIdleInTransaction()).isTrue();
    }

    @Test
    void anAddressPastItCannotJoinAPoolBehindIt() {
        probe = new DatabaseProbe("test", direct, throughBouncer, SETTINGS, InstantSource.system());
        probe.start();

        await().untilAsserted(() ->
                assertThat(snapshot().whyNotJoinable()).startsWith("There is a pooler such as PgBouncer"));
        assertThat(snapshot().joinable()).isFalse();
    }

    private ServerSnapshot snapshot() {
        assertThat(probe.answer()).isInstanceOf(Answered.class);
        return ((Answered) probe.answer()).server();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
