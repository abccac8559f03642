package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

class PoolProfilesDocumentationTests {

    private static final List<String> COLUMNS =
            List.of("maximum-pool-size", "minimum-idle", "max-lifetime", "idle-timeout", "keepalive-time");

    @Test
    void theTableInTheGuideShowsTheProfiles() throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "pool.md"));

        PoolProfiles.BUILT_IN.forEach((name, settings) -> {
            String cells = COLUMNS.stream()
                    .map(column -> settings.containsKey(column) ? " " + settings.get(column) + " " : " ")
                    .collect(Collectors.joining("|"));
            assertThat(guide).contains("| `" + name + "` |" + cells + "|\n");
            assertThat(COLUMNS).containsAll(settings.keySet());
        });
    }

    @Test
    void theHintsOfTheConfigurationMetadataShowTheProfiles() throws IOException {
        String metadata = new ClassPathResource("META-INF/additional-spring-configuration-metadata.json")
                .getContentAsString(StandardCharsets.UTF_8);
        List<Map<String, String>> hints =
                JsonPath.read(metadata, "$.hints[?(@.name == 'crablet.pool.profile')].values[*]");

        Function<Map<String, String>, String> sentence = settings -> settings.isEmpty()
                ? "Nothing: Hikari's own defaults."
                : COLUMNS.stream()
                        .map(column -> column + " " + settings.get(column))
                        .collect(Collectors.joining(", ", "", "."));
        Map<String, String> expected = PoolProfiles.BUILT_IN.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, profile -> sentence.apply(profile.getValue())));
        assertThat(hints.stream().collect(Collectors.toMap(hint -> hint.get("value"), hint -> hint.get("description"))))
                .isEqualTo(expected);
    }
}
