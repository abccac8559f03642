package io.crablet.sample;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL server that has outlived the application which started it. */
record LeftoverServer(ProcessHandle process) {

    private static final Logger log = LoggerFactory.getLogger(LeftoverServer.class);

    private static final int STOP_SECONDS = 10;

    /**
     * Finds the server that runs on a data directory.
     *
     * @param data the directory, whether or not there is one
     */
    static Optional<LeftoverServer> of(Path data) throws IOException {
        Path pidFile = data.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        return Files.readAllLines(pidFile, StandardCharsets.ISO_8859_1).stream()
                .findFirst()
                .flatMap(LeftoverServer::process)
                .filter(process -> serves(process, data))
                .map(LeftoverServer::new);
    }

    /** A crash of the machine may have left a file that is empty or holds anything. */
    private static Optional<ProcessHandle> process(String pid) {
        try {
            return ProcessHandle.of(Long.parseLong(pid.strip()));
        } catch (NumberFormatException e) {
            log.debug("postmaster.pid holds no process id", e);
            return Optional.empty();
        }
    }

    /** The process id may long belong to another program; only one that was started for this directory is meant. */
    private static boolean serves(ProcessHandle process, Path data) {
        return process.info()
                .arguments()
                .map(arguments -> Arrays.asList(arguments).contains(data.toString()))
                .orElse(false);
    }

    void stop() {
        log.info("Stopping PostgreSQL, process {}, which nobody has stopped", process.pid());
        try {
            interrupt();
            process.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (IOException | TimeoutException | ExecutionException e) {
            throw notStopped(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notStopped(e);
        }
    }

    /** Asks for PostgreSQL's fast shutdown. The usual signal, SIGTERM, would wait until every client has left. */
    private void interrupt() throws IOException {
        new ProcessBuilder("sh", "-c", "kill -INT " + process.pid())
                .redirectError(Redirect.DISCARD)
                .start();
    }

    private EmbeddedDatabaseException notStopped(Exception cause) {
        return new EmbeddedDatabaseException(
                "A PostgreSQL that an application has left behind, process " + process.pid() + ", did not stop within "
                        + STOP_SECONDS + " s.",
                "End process " + process.pid() + ", then start again.",
                cause);
    }
}
