package io.crablet.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ClassPathResource;

/** The guide to the properties is the metadata that an IDE completes them from, and no other guide contradicts it. */
class ConfigurationDocumentationTests {

    private static final String BEGIN = "<!-- begin properties -->\n";

    private static final String END = "<!-- end properties -->\n";

    private static final List<String> GROUPS = List.of(
            "crablet.pool",
            "crablet.pool.watch",
            "crablet.pool.server",
            "crablet.pool.health",
            "crablet.event-store",
            "management");

    /** A row of a table whose first two cells are a property and its default. */
    private static final Pattern DEFAULT = Pattern.compile("(?m)^\\| `(crablet\\.[a-z.-]+)` \\| `([^`]*)`");

    private final Map<String, Map<String, Object>> properties;

    ConfigurationDocumentationTests() throws IOException {
        String metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json")
                .getContentAsString(StandardCharsets.UTF_8);
        List<Map<String, Object>> all = JsonPath.read(metadata, "$.properties");
        properties = all.stream()
                .collect(Collectors.toMap(
                        property -> (String) property.get("name"),
                        property -> property,
                        (one, other) -> one,
                        TreeMap::new));
    }

    @Test
    void theTablesAreThoseOfTheMetadata() throws IOException {
        String guide = Files.readString(Markdown.guide("configuration.md").file());

        assertThat(guide).contains(BEGIN, END);
        assertThat(guide.substring(guide.indexOf(BEGIN) + BEGIN.length(), guide.indexOf(END)))
                .isEqualTo(tables());
    }

    @Test
    void noOtherGuideShowsAnotherDefault() {
        assertThat(Markdown.all())
                .filteredOn(page -> !page.file().endsWith("configuration.md"))
                .allSatisfy(page -> DEFAULT.matcher(page.prose())
                        .results()
                        .filter(row -> properties.containsKey(row.group(1)))
                        .forEach(row -> assertThat("`" + row.group(2) + "`")
                                .as("%s in %s", row.group(1), page)
                                .isEqualTo(defaultOf(properties.get(row.group(1))))));
    }

    private String tables() {
        Map<String, List<Map<String, Object>>> groups =
                properties.values().stream().collect(Collectors.groupingBy(ConfigurationDocumentationTests::group));
        return GROUPS.stream()
                .map(group -> "\n### `%s`\n\n| property | type | default | |\n|---|---|---|---|\n%s"
                        .formatted(
                                group,
                                groups.get(group).stream()
                                        .map(ConfigurationDocumentationTests::row)
                                        .collect(Collectors.joining())))
                .collect(Collectors.joining("", "", "\n"));
    }

    private static String group(Map<String, Object> property) {
        String name = (String) property.get("name");
        return GROUPS.stream()
                .filter(group -> name.startsWith(group + "."))
                .max(Comparator.comparingInt(String::length))
                .orElseThrow(() -> new AssertionError("no group for " + name));
    }

    private static String row(Map<String, Object> property) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(property.get("name"), typeOf(property), defaultOf(property), property.get("description"));
    }

    /** The values of an enumeration, otherwise the simple name. */
    private static String typeOf(Map<String, Object> property) {
        String type = (String) property.get("type");
        try {
            Class<?> values = Class.forName(type.replaceAll("<.*", ""));
            return values.isEnum()
                    ? Arrays.stream(values.getEnumConstants())
                            .map(value -> "`" + written(value.toString()) + "`")
                            .collect(Collectors.joining(", "))
                    : type.replaceAll("[a-z]+\\.", "")
                            .replace("<", "&lt;")
                            .replace(">", "&gt;")
                            .replace(",", ", ");
        } catch (ClassNotFoundException e) {
            throw new AssertionError(property.toString(), e);
        }
    }

    private static String defaultOf(Map<String, Object> property) {
        Object value = property.get("defaultValue");
        return value == null || value instanceof List<?> none && none.isEmpty()
                ? ""
                : "`" + written(value.toString()) + "`";
    }

    /** As one writes it in a file. */
    private static String written(String value) {
        return value.matches("[A-Z_]+|[a-z]+_[a-z_]+")
                ? value.toLowerCase(Locale.ROOT).replace('_', '-')
                : value;
    }
}
