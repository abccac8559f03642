package io.crablet.benchmarks.application;

import static java.net.HttpURLConnection.HTTP_BAD_REQUEST;
import static java.net.HttpURLConnection.HTTP_UNAVAILABLE;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.Assert;

/** An application in this JVM, asked over HTTP on the loopback interface. */
final class RunningApplication implements Closeable {

    private final ConfigurableApplicationContext context;

    private final int port;

    /** What the application said, and how long that took. */
    record Answer(int status, int bytes, long nanos) {}

    private RunningApplication(Settings settings) {
        this.context = new SpringApplicationBuilder(Application.class).run(settings.arguments());
        this.port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    static RunningApplication withStarter(Settings settings) {
        return new RunningApplication(settings);
    }

    /** The same without what the starter configures. */
    static RunningApplication withoutStarter(Settings settings) {
        return new RunningApplication(
                settings.with("spring.autoconfigure.exclude", String.join(",", Crablet.autoConfigurations())));
    }

    DataSource dataSource() {
        return context.getBean(DataSource.class);
    }

    HealthIndicator health(String component) {
        return context.getBean(component + "HealthContributor", HealthIndicator.class);
    }

    /**
     * Asks for something, over a connection of its own as a load balancer's check would: Tomcat ends a connection over which it has
     * answered that something is not available.
     */
    Answer get(String path) throws IOException {
        URL url = URI.create("http://127.0.0.1:" + port + path).toURL();
        long start = System.nanoTime();
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setRequestProperty("Connection", "close");
        int status = connection.getResponseCode();
        Assert.state(status < HTTP_BAD_REQUEST || status == HTTP_UNAVAILABLE, () -> path + " answered " + status);
        int bytes;
        try (InputStream body =
                status == HTTP_UNAVAILABLE ? connection.getErrorStream() : connection.getInputStream()) {
            bytes = body.readAllBytes().length;
        }
        return new Answer(status, bytes, System.nanoTime() - start);
    }

    @Override
    public void close() {
        context.close();
    }
}
