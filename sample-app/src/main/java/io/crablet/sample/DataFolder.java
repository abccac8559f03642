package io.crablet.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The folder of the embedded PostgreSQL: its data, its log, and a lock by which one application at a time uses it. Deleted
 * at the end unless the user has named it.
 */
final class DataFolder implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);

    private static final String TEMPORARY_PREFIX = "crablet-sample-";
    private static final Duration ABANDONED_AFTER = Duration.ofMinutes(1);
    private static final int LINES_OF_LOG = 10;

    private final Path folder;
    private final boolean temporary;
    private final FolderLock lock;

    private DataFolder(Path folder, boolean temporary, FolderLock lock) {
        this.folder = folder;
        this.temporary = temporary;
        this.lock = lock;
    }

    /**
     * Opens the folder, and creates it where there is none.
     *
     * @param name the folder; blank for a temporary one
     * @throws EmbeddedDatabaseException if another application uses it
     */
    static DataFolder open(String name) {
        try {
            return name.isBlank()
                    ? openTemporary()
                    : openNamed(Path.of(name).toAbsolutePath().normalize());
        } catch (IOException e) {
            throw new EmbeddedDatabaseException(
                    "The folder for the data of the embedded PostgreSQL can not be used: " + e,
                    "Let CRABLET_DATA_DIR name a folder that this user may write to.",
                    e);
        }
    }

    private static DataFolder openNamed(Path folder) throws IOException {
        FolderLock lock = FolderLock.take(Files.createDirectories(folder))
                .orElseThrow(() -> new EmbeddedDatabaseException(
                        "CRABLET_DATA_DIR " + folder + " is in use by another instance of this application.",
                        "Stop the other instance, or let CRABLET_DATA_DIR name another folder. To run several instances on"
                                + " one database, give each the same DB_HOST.",
                        null));
        DataFolder opened = new DataFolder(folder, false, lock);
        try {
            opened.stopServer();
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
        return opened;
    }

    private static DataFolder openTemporary() throws IOException {
        Path folder = Files.createTempDirectory(TEMPORARY_PREFIX);
        FolderLock lock =
                FolderLock.take(folder).orElseThrow(() -> new IOException(folder + " is locked by another process"));
        removeAbandoned(Objects.requireNonNull(folder.getParent()));
        return new DataFolder(folder, true, lock);
    }

    /** An application that was killed can not stop its server and delete its folder; the next one does it. */
    private static void removeAbandoned(Path parent) throws IOException {
        try (DirectoryStream<Path> others = Files.newDirectoryStream(parent, TEMPORARY_PREFIX + "*")) {
            for (Path other : others) {
                try {
                    removeIfAbandoned(other);
                } catch (IOException | RuntimeException e) {
                    log.debug("{} is left as it is", other, e);
                }
            }
        }
    }

    private static void removeIfAbandoned(Path folder) throws IOException {
        Instant created = Files.getLastModifiedTime(folder).toInstant();
        if (created.isAfter(Instant.now().minus(ABANDONED_AFTER))) {
            return;
        }
        FolderLock.take(folder).ifPresent(lock -> new DataFolder(folder, true, lock).close());
    }

    Path data() {
        return folder.resolve("data");
    }

    Path log() {
        return folder.resolve("postgres.log");
    }

    /** Returns the last lines that the server has written, for an error message. */
    String endOfLog() {
        try {
            List<String> lines = Files.exists(log()) ? Files.readAllLines(log()) : List.of("(nothing)");
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_OF_LOG), lines.size()));
        } catch (IOException e) {
            return "(not readable: " + e + ")";
        }
    }

    /** Gives the folder free. No server runs there afterwards. */
    @Override
    public void close() {
        try {
            try (lock) {
                stopServer();
            }
            if (temporary) {
                FileSystemUtils.deleteRecursively(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not clean up " + this, e);
        }
    }

    /** A server that runs here while nobody is meant to use it was left by an application that was killed. */
    private void stopServer() throws IOException {
        LeftoverServer.of(data()).ifPresent(LeftoverServer::stop);
    }

    @Override
    public String toString() {
        return folder + (temporary ? " (deleted at the end)" : " (kept)");
    }
}
