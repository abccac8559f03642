package io.crablet.security;

import com.jayway.jsonpath.JsonPath;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.test.TestDatabase;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** An application with rules of Spring Security, over real HTTP, and its users. */
final class SecuredApplication implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    SecuredApplication(TestDatabase database, Class<?> rules, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "spring.main.banner-mode=off",
                "crablet.event-store.enabled=false",
                "spring.datasource.url=" + database.jdbcUrl(),
                "spring.datasource.username=" + database.username(),
                "spring.datasource.password=" + database.password(),
                "spring.datasource.hikari.minimum-idle=0",
                "spring.datasource.hikari.maximum-pool-size=5",
                "management.endpoint.pool.access=unrestricted",
                "management.endpoints.web.exposure.include=*"));
        all.addAll(Arrays.asList(properties));
        this.context = new SpringApplicationBuilder(Users.class, rules)
                .web(WebApplicationType.SERVLET)
                .properties(all.toArray(String[]::new))
                .run();
        // There is nothing to operate on before it has opened.
        borrow();
    }

    private void borrow() {
        try {
            pool().getConnection().close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    HikariDataSource pool() {
        return context.getBean(HikariDataSource.class);
    }

    /** Where it listens. */
    String address() {
        return "localhost:" + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    /** A browser in which nobody has logged in. */
    Browser anonymous() {
        return new Browser("local.server.port", null);
    }

    /** A browser in which a user has logged in, whose password is the name. */
    Browser as(String user) {
        return new Browser("local.server.port", user);
    }

    /** The same on the management port. */
    Browser onManagementPortAs(String user) {
        return new Browser("local.management.port", user);
    }

    @Override
    public void close() {
        context.close();
    }

    /** Keeps cookies. */
    final class Browser {

        private final HttpClient http =
                HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

        private final String address;

        private final String user;

        private Browser(String portProperty, String user) {
            this.address = "http://localhost:" + context.getEnvironment().getRequiredProperty(portProperty);
            this.user = user;
        }

        HttpResponse<String> get(String path) throws IOException, InterruptedException {
            return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
        }

        /** What is at a path, as a map. */
        Map<String, Object> read(String path) throws IOException, InterruptedException {
            return JsonPath.read(get(path).body(), "$");
        }

        /** The status of an operation that does nothing, sent with some headers. */
        int operate(String path, Map<String, String> headers) throws IOException, InterruptedException {
            HttpRequest.Builder request = request(path)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"operation\": \"evict-idle\"}"));
            headers.forEach(request::setHeader);
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .statusCode();
        }

        private HttpRequest.Builder request(String path) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path));
            if (user != null) {
                byte[] credentials = (user + ":" + user).getBytes(StandardCharsets.UTF_8);
                request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
            }
            return request;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Users {

        @Bean
        UserDetailsService users() {
            return new InMemoryUserDetailsManager(user("reader"), user("operator"));
        }

        private static UserDetails user(String name) {
            return User.withUsername(name)
                    .password("{noop}" + name)
                    .roles(name.toUpperCase(Locale.ROOT))
                    .build();
        }
    }
}
