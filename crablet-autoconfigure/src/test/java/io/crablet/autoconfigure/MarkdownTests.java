package io.crablet.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;

/** What the pages point to is there: other pages and their headings, pictures, properties; and shell commands are such. */
class MarkdownTests {

    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");

    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");

    private static final Pattern NAME = Pattern.compile("(?<![\\w./-])crablet(\\.[a-z]+(-[a-z]+)*)+(?![\\w-])");

    private static final Pattern METER = Pattern.compile("(?m)^\\| `(crablet\\.[^`]+)` \\|");

    /** Neither properties of an application nor meters: what the build and the script of the roles are told. */
    private static final Set<String> OTHERS = Set.of(
            "crablet.soak",
            "crablet.forgotten",
            "crablet.test.postgres",
            "crablet.test.pgbouncer",
            "crablet.application");

    private static final Set<String> COMMANDS = Set.of("curl ", "mvn ", "psql ", "DB_");

    static List<Markdown> pages() {
        return Markdown.all();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Markdown page) {
        LINK.matcher(CODE.matcher(page.prose()).replaceAll(""))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.matches("(https?|mailto):.*"))
                .forEach(target -> {
                    String[] parts = target.split("#", 2);
                    Path file = parts[0].isEmpty()
                            ? page.file()
                            : page.file().resolveSibling(parts[0]).normalize();
                    assertThat(file).as(target).exists();
                    if (parts.length == 2) {
                        assertThat(Markdown.read(file).anchors()).as(target).contains(parts[1]);
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPropertyAndMeterIsOne(Markdown page) throws IOException {
        Set<String> known = properties();
        METER.matcher(Markdown.guide("metrics.md").prose()).results().forEach(meter -> known.add(meter.group(1)));
        known.addAll(OTHERS);

        assertThat(NAME.matcher(Files.readString(page.file())).results().map(name -> name.group()))
                .allSatisfy(name -> assertThat(known)
                        .anyMatch(one -> one.equals(name) || one.startsWith(name + ".") || isWithin(one, name)));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPropertyInYamlIsOne(Markdown page) throws IOException {
        Set<String> known = properties();

        assertThat(page.blocks().stream()
                        .filter(block -> block.language().equals("yaml"))
                        .flatMap(this::keys))
                .filteredOn(key -> key.startsWith("crablet."))
                .allSatisfy(key -> assertThat(known).anyMatch(one -> one.equals(key) || isWithin(one, key)));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyShellCommandParses(Markdown page) throws Exception {
        for (Markdown.Block block : page.blocks()) {
            if (block.language().equals("sh")) {
                Process bash = new ProcessBuilder("bash", "-n")
                        .redirectErrorStream(true)
                        .start();
                bash.getOutputStream().write(block.text().getBytes(StandardCharsets.UTF_8));
                bash.getOutputStream().close();
                String complaint = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(bash.waitFor(10, TimeUnit.SECONDS)).isTrue();
                assertThat(bash.exitValue()).as(block.text() + complaint).isZero();
            } else {
                assertThat(block.text().lines())
                        .as("%s has commands that are not marked as sh", page)
                        .noneMatch(line -> COMMANDS.stream().anyMatch(line::startsWith));
            }
        }
    }

    private Stream<String> keys(Markdown.Block block) {
        YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
        yaml.setResources(new ByteArrayResource(block.text().getBytes(StandardCharsets.UTF_8)));
        Properties flat = yaml.getObject();
        return flat == null ? Stream.of() : flat.keySet().stream().map(String::valueOf);
    }

    /** A profile of one's own, whose name and settings are anybody's. */
    private static boolean isWithin(String property, String name) {
        return property.equals("crablet.pool.profiles") && name.startsWith(property + ".");
    }

    private static Set<String> properties() throws IOException {
        String metadata = new ClassPathResource("META-INF/spring-configuration-metadata.json")
                .getContentAsString(StandardCharsets.UTF_8);
        List<String> names = JsonPath.read(metadata, "$.properties[*].name");
        return new TreeSet<>(names);
    }
}
