package io.crablet.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

/** What an IDE completes, and what the guides say of it. */
class ConfigurationMetadataTests {

    /** What these are unless set follows from something else: the pool's own address, or no team profile. */
    private static final List<String> WITHOUT_DEFAULT = List.of(
            "crablet.pool.profiles",
            "crablet.pool.server.url",
            "crablet.pool.server.username",
            "crablet.pool.server.password");

    private final List<Map<String, Object>> properties;

    ConfigurationMetadataTests() throws IOException {
        String metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json")
                .getContentAsString(StandardCharsets.UTF_8);
        properties = JsonPath.read(metadata, "$.properties[?(@.name =~ /crablet\\..*/)]");
    }

    @Test
    void everyPropertyHasADescriptionATypeAndADefault() {
        assertThat(properties).hasSizeGreaterThan(20).allSatisfy(property -> {
            assertThat((String) property.get("description")).isNotBlank().endsWith(".");
            assertThat((String) property.get("type")).isNotBlank();
            if (!WITHOUT_DEFAULT.contains(property.get("name"))) {
                assertThat(property).containsKey("defaultValue");
            }
        });
    }

    @Test
    void everyPropertyIsInAGuide() throws IOException {
        String guides = guides();
        assertThat(properties).allSatisfy(property -> {
            String name = (String) property.get("name");
            // A group of three may stand in one row of a table.
            String last = name.substring(name.lastIndexOf('.'));
            assertThat(guides.contains("`" + name) || guides.contains("`" + last + "`"))
                    .as("%s is in a guide", name)
                    .isTrue();
        });
    }

    private static String guides() throws IOException {
        StringBuilder guides = new StringBuilder();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("..", "docs"), "*.md")) {
            for (Path file : files) {
                guides.append(Files.readString(file));
            }
        }
        return guides.toString();
    }
}
