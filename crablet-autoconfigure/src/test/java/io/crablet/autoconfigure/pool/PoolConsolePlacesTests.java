package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.EndpointApplication.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Wherever the endpoints are put, the page finds its files, its data and the operations. */
@ExtendWith(PostgresExtension.class)
class PoolConsolePlacesTests {

    private static final Pattern REFERENCE = Pattern.compile("(?:src|href)=\"([^\"]+console\\.(?:js|css))\"");

    private static final String SERVER = "local.server.port";

    private static final String MANAGEMENT = "local.management.port";

    private final TestDatabase database;

    PoolConsolePlacesTests(TestDatabase database) {
        this.database = database;
    }

    @Test
    void underAnotherBasePath() throws Exception {
        everythingIsFound(SERVER, "/manage/poolconsole", "management.endpoints.web.base-path=/manage");
    }

    @Test
    void underNoBasePath() throws Exception {
        everythingIsFound(
                MANAGEMENT, "/poolconsole", "management.endpoints.web.base-path=/", "management.server.port=0");
    }

    @Test
    void underAContextPath() throws Exception {
        everythingIsFound(SERVER, "/shop/actuator/poolconsole", "server.servlet.context-path=/shop");
    }

    @Test
    void underThePathOfTheServlet() throws Exception {
        everythingIsFound(
                SERVER,
                "/shop/mvc/actuator/poolconsole",
                "server.servlet.context-path=/shop",
                "spring.mvc.servlet.path=/mvc");
    }

    @Test
    void onAManagementPortOfItsOwn() throws Exception {
        everythingIsFound(
                MANAGEMENT,
                "/admin/actuator/poolconsole",
                "management.server.port=0",
                "management.server.base-path=/admin",
                "server.servlet.context-path=/shop");
    }

    @Test
    void underNamesOfTheirOwn() throws Exception {
        everythingIsFound(
                SERVER,
                "/actuator/database/console",
                "management.endpoints.web.path-mapping.poolconsole=database/console",
                "management.endpoints.web.path-mapping.pool=connections");
        everythingIsFound(
                SERVER,
                "/actuator/console",
                "management.endpoints.web.path-mapping.poolconsole=/console",
                "management.endpoints.web.path-mapping.pool=database/pool");
    }

    private void everythingIsFound(String port, String path, String... properties) throws Exception {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add(EndpointApplication.UNRESTRICTED);
        try (EndpointApplication application = new EndpointApplication(database, all.toArray(String[]::new))) {
            HttpResponse<String> page = application.console(port, path);
            assertThat(page.statusCode()).isEqualTo(200);
            List<URI> files = REFERENCE
                    .matcher(page.body())
                    .results()
                    .map(found -> page.uri().resolve(found.group(1)))
                    .toList();
            assertThat(files).hasSize(2);
            for (URI file : files) {
                assertThat(application.follow(file).statusCode()).isEqualTo(200);
            }
            HttpResponse<String> pools = application.follow(files.get(0).resolve("pools"));
            assertThat(pools.statusCode()).isEqualTo(200);
            assertThat(application
                            .follow(files.get(0).resolve("pools/dataSource"))
                            .statusCode())
                    .isEqualTo(200);
            Map<String, String> operations = read(pools, "$.operations");
            URI operation = page.uri().resolve(operations.get("dataSource"));
            HttpResponse<String> done =
                    application.post(operation, "{\"operation\": \"resize\", \"maximumPoolSize\": 5}");
            assertThat(done.body()).contains("\"pool\":\"dataSource\"");
            assertThat(done.statusCode()).isIn(200, 409);
        }
    }
}
