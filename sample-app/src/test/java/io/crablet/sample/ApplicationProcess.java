package io.crablet.sample;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The sample application in a process of its own, as a user starts it. */
final class ApplicationProcess implements AutoCloseable {

    private static final Pattern PORT = Pattern.compile("courses +http://localhost:(\\d+)/courses");

    private final Process process;
    private final Path output;

    private ApplicationProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts it on a free port, without waiting for it. */
    static ApplicationProcess start(Path folder, Map<String, String> environment) throws IOException {
        Path output = Files.createTempFile(folder, "output", ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SampleApplication.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().remove("DB_HOST");
        builder.environment().put("SERVER_PORT", "0");
        builder.environment().putAll(environment);
        return new ApplicationProcess(builder.start(), output);
    }

    ApplicationProcess awaitReady() {
        await().atMost(60, SECONDS).until(() -> {
            assertThat(process.isAlive()).as(output()).isTrue();
            return output().contains("capacity  ");
        });
        return this;
    }

    /** Ends it as Ctrl-C does. */
    int terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    /** Ends it so that it can do nothing about it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(60, SECONDS)).as(output()).isTrue();
        return process.exitValue();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    /** Returns the events as they come, once the answer has begun. */
    InputStream follow() throws IOException, InterruptedException {
        HttpRequest request =
                request("/events").header("Accept", "text/event-stream").build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body();
    }

    private HttpRequest.Builder request(String path) {
        Matcher port = PORT.matcher(output());
        assertThat(port.find()).isTrue();
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port.group(1) + path));
    }

    private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
