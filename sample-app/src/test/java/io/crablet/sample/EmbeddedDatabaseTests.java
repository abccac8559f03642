package io.crablet.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

class EmbeddedDatabaseTests {

    private static final String IN_A_TEMPORARY_FOLDER = "";

    @TempDir
    Path folder;

    @Test
    void whatIsCommittedStaysAndTheLimitIsPostgresOwn() throws IOException {
        try (EmbeddedDatabase database = new EmbeddedDatabase(folder.toString())) {
            assertThat(sql(database, "show fsync")).isEqualTo("on");
            assertThat(sql(database, "show synchronous_commit")).isEqualTo("on");
            assertThat(sql(database, "show full_page_writes")).isEqualTo("on");
            assertThat(sql(database, "show max_connections")).isEqualTo("100");
        }
    }

    @Test
    void theApplicationIsNoSuperuser() throws IOException {
        try (EmbeddedDatabase database = new EmbeddedDatabase(folder.toString())) {
            assertThat(sql(database, "select rolsuper from pg_roles where rolname = current_user"))
                    .isEqualTo("f");
            assertThat(sql(
                            database,
                            "select pg_has_role(datdba, 'member') from pg_database"
                                    + " where datname = current_database()"))
                    .isEqualTo("t");
        }
    }

    @Test
    void aTemporaryFolderIsDeletedAtTheEnd() throws IOException {
        Path data;
        try (EmbeddedDatabase database = new EmbeddedDatabase(IN_A_TEMPORARY_FOLDER)) {
            data = folderOf(database);
            assertThat(data).exists();
        }
        assertThat(data.getParent()).doesNotExist();
    }

    @Test
    void aNamedFolderKeepsItsData() throws IOException {
        Path named = folder.resolve("not there yet").resolve("data of é");
        try (EmbeddedDatabase database = new EmbeddedDatabase(named.toString())) {
            client(database).sql("create table kept as select 42 as answer").update();
        }
        try (EmbeddedDatabase database = new EmbeddedDatabase(named.toString())) {
            assertThat(sql(database, "select answer from kept")).isEqualTo("42");
        }
    }

    @Test
    void aFolderInUseIsRefusedAndItsServerGoesOn() throws IOException {
        try (EmbeddedDatabase database = new EmbeddedDatabase(folder.toString())) {
            assertThatExceptionOfType(EmbeddedDatabaseException.class)
                    .isThrownBy(() -> new EmbeddedDatabase(folder.toString()))
                    .withMessage("CRABLET_DATA_DIR " + folder + " is in use by another instance of this application.")
                    .satisfies(e -> assertThat(e.action()).contains("DB_HOST"));
            assertThat(sql(database, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void aFolderStaysLockedForOtherProcessesAfterThisOneHasTriedItAgain() throws Exception {
        try (DataFolder inUse = DataFolder.open(folder.toString())) {
            assertThatExceptionOfType(EmbeddedDatabaseException.class)
                    .isThrownBy(() -> DataFolder.open(folder.toString()));

            assertThat(openInAnotherProcess(folder)).contains("in use by another instance");
            assertThat(inUse.data().getParent()).isEqualTo(folder);
        }
        assertThat(openInAnotherProcess(folder)).isEqualTo("opened");
    }

    @Test
    void aFolderStaysLockedForOtherProcessesAfterTheSearchForAbandonedOnes() throws Exception {
        Path used = Files.createTempDirectory("crablet-sample-");
        try (DataFolder inUse = DataFolder.open(used.toString())) {
            Files.setLastModifiedTime(used, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
            DataFolder.open(IN_A_TEMPORARY_FOLDER).close();

            assertThat(openInAnotherProcess(used)).contains("in use by another instance");
            assertThat(inUse.data().getParent()).isEqualTo(used);
        }
        FileSystemUtils.deleteRecursively(used);
    }

    @Test
    void aFolderThatCanNotBeUsedIsNamedWithTheReason() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");

        assertThatExceptionOfType(EmbeddedDatabaseException.class)
                .isThrownBy(() -> new EmbeddedDatabase(file.toString()))
                .withMessageContaining(file.toString())
                .satisfies(e -> assertThat(e.action()).contains("CRABLET_DATA_DIR"));
    }

    @Test
    void aServerThatDoesNotStartIsReportedWithItsLog() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data").resolve("in-the-way"), "");

        assertThatExceptionOfType(EmbeddedDatabaseException.class)
                .isThrownBy(() -> new EmbeddedDatabase(folder.toString()))
                .withMessageContaining("exists but is not empty");
    }

    @Test
    void aLeftoverServerIsStoppedAlthoughSomeoneIsConnected() throws Exception {
        try (EmbeddedDatabase database = new EmbeddedDatabase(folder.toString());
                Connection session = DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), "")) {
            LeftoverServer server = LeftoverServer.of(folder.resolve("data")).orElseThrow();

            server.stop();

            assertThat(server.process().isAlive()).isFalse();
            assertThat(session.isValid(1)).isFalse();
        }
    }

    @Test
    void aFileThatNamesNoProcessMeansThatNoServerRuns() throws IOException {
        for (String content : new String[] {"", "\n", "no number\n", "99999999999999999999\n", "-1\n"}) {
            Files.writeString(folder.resolve("postmaster.pid"), content);

            assertThat(LeftoverServer.of(folder)).as(content).isEmpty();
        }
    }

    @Test
    void whatAKilledApplicationLeftInATemporaryFolderIsRemovedByTheNext() throws IOException {
        Path left = Files.createTempDirectory("crablet-sample-");
        Path used = Files.createTempDirectory("crablet-sample-");
        for (Path each : new Path[] {left, used}) {
            Files.createDirectories(each.resolve("data"));
            Files.setLastModifiedTime(each, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
        }

        try (DataFolder inUse = DataFolder.open(used.toString());
                DataFolder next = DataFolder.open(IN_A_TEMPORARY_FOLDER)) {
            Files.setLastModifiedTime(used, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
            assertThat(left).doesNotExist();
            assertThat(inUse.data()).exists();
            assertThat(next.log().getParent()).exists();
        }
        try (Stream<Path> files = Files.list(used)) {
            assertThat(files).isNotEmpty();
        }
        FileSystemUtils.deleteRecursively(used);
    }

    private static String openInAnotherProcess(Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FolderOpener.class.getName(),
                        folder.toString())
                .redirectError(Redirect.INHERIT)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Asks the superuser, as others may not know. */
    private static Path folderOf(EmbeddedDatabase database) {
        return Path.of(JdbcClient.create(new DriverManagerDataSource(database.getJdbcUrl(), "postgres", ""))
                .sql("show data_directory")
                .query(String.class)
                .single());
    }

    private static String sql(EmbeddedDatabase database, String sql) {
        return client(database).sql(sql).query(String.class).single();
    }

    private static JdbcClient client(EmbeddedDatabase database) {
        return JdbcClient.create(
                new DriverManagerDataSource(database.getJdbcUrl(), database.getUsername(), database.getPassword()));
    }

    /** Says on the standard output whether the folder can be opened. */
    static final class FolderOpener {

        public static void main(String[] arguments) {
            try {
                DataFolder.open(arguments[0]).close();
                System.out.print("opened");
            } catch (EmbeddedDatabaseException e) {
                System.out.print(e.getMessage());
            }
        }
    }
}
