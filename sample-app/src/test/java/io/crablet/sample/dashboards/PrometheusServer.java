package io.crablet.sample.dashboards;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** A Prometheus that scrapes some instances of the sample each second, with the project's rules. */
final class PrometheusServer implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final Path log;
    private final String address;

    private PrometheusServer(Process process, Path log, String address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    static PrometheusServer start(Path folder, List<String> instances) throws IOException {
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global:
                  scrape_interval: 1s
                  scrape_timeout: 1s
                  evaluation_interval: 1s
                rule_files:
                  - %s
                scrape_configs:
                  - job_name: sample
                    metrics_path: /actuator/prometheus
                    static_configs:
                      - targets: [%s]
                """.formatted(
                        DashboardFiles.RULES,
                        instances.stream().map(target -> '"' + target + '"').collect(Collectors.joining(","))));
        Path log = folder.resolve("prometheus.log");
        String address = "127.0.0.1:" + freePort();
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=" + address)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        // Also when the tests are interrupted.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        PrometheusServer server = new PrometheusServer(process, log, address);
        try {
            server.awaitReady();
            return server;
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    private void awaitReady() {
        await().atMost(30, SECONDS).ignoreException(ConnectException.class).until(() -> {
            assertThat(process.isAlive()).as(() -> DashboardFiles.read(log)).isTrue();
            return client.send(request("/-/ready", Map.of()), BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        });
    }

    /** Returns the series that an expression has now. */
    JsonNode query(String expr) {
        JsonNode data = get("/api/v1/query", Map.of("query", expr));
        assertThat(data.get("resultType").asString()).as(expr).isEqualTo("vector");
        return data.get("result");
    }

    /** Returns the values that a label has. */
    JsonNode values(String label, String selector) {
        return get("/api/v1/label/" + label + "/values", Map.of("match[]", selector));
    }

    JsonNode rules() {
        return get("/api/v1/rules", Map.of()).get("groups");
    }

    JsonNode alerts() {
        return get("/api/v1/alerts", Map.of()).get("alerts");
    }

    private JsonNode get(String path, Map<String, String> parameters) {
        try {
            HttpResponse<String> response = client.send(request(path, parameters), BodyHandlers.ofString());
            assertThat(response.statusCode()).as(parameters + response.body()).isEqualTo(200);
            return DashboardFiles.json(response.body()).get("data");
        } catch (IOException e) {
            throw new AssertionError(DashboardFiles.read(log), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpRequest request(String path, Map<String, String> parameters) {
        String query = parameters.entrySet().stream()
                .map(parameter -> encoded(parameter.getKey()) + "=" + encoded(parameter.getValue()))
                .collect(Collectors.joining("&"));
        return HttpRequest.newBuilder(URI.create("http://" + address + path + "?" + query))
                .build();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
