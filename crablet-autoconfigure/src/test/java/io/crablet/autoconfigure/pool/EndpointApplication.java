package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.EventStore;
import io.crablet.test.TestDatabase;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.actuate.autoconfigure.audit.AuditAutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** An application with the endpoint, over real HTTP. Whoever sends the header {@code X-User} has logged in as that user. */
final class EndpointApplication implements AutoCloseable {

    static final String UNRESTRICTED = "management.endpoint.pool.access=unrestricted";

    private final HttpClient http = HttpClient.newHttpClient();

    private final ConfigurableApplicationContext context;

    EndpointApplication(TestDatabase database, String... properties) {
        this(database, List.of(Application.class), properties);
    }

    EndpointApplication(TestDatabase database, List<Class<?>> sources, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "spring.main.banner-mode=off",
                "crablet.event-store.enabled=false",
                // Needs Spring Security, and JPA would open the pool.
                "spring.autoconfigure.exclude=" + AuditAutoConfiguration.class.getName() + ","
                        + HibernateJpaAutoConfiguration.class.getName() + ","
                        + DataJpaRepositoriesAutoConfiguration.class.getName(),
                "spring.datasource.url=" + database.jdbcUrl(),
                "spring.datasource.username=" + database.username(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.minimum-idle=0",
                "spring.datasource.hikari.maximum-pool-size=5",
                "spring.datasource.hikari.connection-timeout=5000",
                "crablet.pool.server.timeout=20s",
                "management.endpoints.web.exposure.include=*"));
        all.addAll(Arrays.asList(properties));
        this.context = new SpringApplicationBuilder(sources.toArray(Class[]::new))
                .web(WebApplicationType.SERVLET)
                .properties(all.toArray(String[]::new))
                .run();
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    HikariDataSource pool() {
        return context.getBean(HikariDataSource.class);
    }

    List<AuditEvent> audited() {
        return context.getBean(Application.class).audited;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    HttpResponse<String> getAs(String user, String path) throws IOException, InterruptedException {
        return send(request(path).header("X-User", user));
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(post(json, request(path)));
    }

    HttpResponse<String> postAs(String user, String path, String json) throws IOException, InterruptedException {
        return send(post(json, request(path)).header("X-User", user));
    }

    /** The page of the console, and its address. */
    HttpResponse<String> console(String portProperty, String path) throws IOException, InterruptedException {
        String port = context.getEnvironment().getRequiredProperty(portProperty);
        return follow(URI.create("http://localhost:" + port + path));
    }

    /** What is at an address. */
    HttpResponse<String> follow(URI address) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(address));
    }

    HttpResponse<String> post(URI address, String json) throws IOException, InterruptedException {
        return send(post(json, HttpRequest.newBuilder(address)));
    }

    static <T> T read(HttpResponse<String> answer, String path) {
        try {
            return JsonPath.read(answer.body(), path);
        } catch (PathNotFoundException e) {
            throw new AssertionError("There is no " + path + " in " + answer.body(), e);
        }
    }

    @Override
    public void close() {
        context.close();
    }

    private HttpRequest.Builder request(String path) {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private static HttpRequest.Builder post(String json, HttpRequest.Builder request) {
        return request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Without it there is no event store, as nobody asks for one. */
    @Configuration(proxyBeanMethods = false)
    static class UserOfTheEventStore {

        UserOfTheEventStore(EventStore store) {
            assertThat(store).isNotNull();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        private final List<AuditEvent> audited = new CopyOnWriteArrayList<>();

        @EventListener
        void audited(AuditApplicationEvent event) {
            audited.add(event.getAuditEvent());
        }

        @Bean
        Filter login() {
            return (request, response, chain) -> {
                HttpServletRequest asked = (HttpServletRequest) request;
                String user = asked.getHeader("X-User");
                chain.doFilter(user == null ? asked : new LoggedIn(asked, user), response);
            };
        }
    }

    private static final class LoggedIn extends HttpServletRequestWrapper {

        private final String user;

        private LoggedIn(HttpServletRequest request, String user) {
            super(request);
            this.user = user;
        }

        @Override
        public Principal getUserPrincipal() {
            return () -> user;
        }
    }
}
