package io.crablet;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The guide has a row for every constant that names a meter, in whatever package named micrometer, and for no other. */
class MetricsDocumentationTests {

    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `(crablet\\.[^`]+)` \\|");

    @Test
    void theTablesInTheGuideShowAllMetersAndNoOthers() throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "metrics.md"));
        List<String> documented =
                FIRST_CELL.matcher(guide).results().map(row -> row.group(1)).toList();
        assertThat(documented).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(meters());
    }

    private static List<String> meters() {
        Set<JavaClass> classes = Set.copyOf(new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.crablet"));
        List<String> names = classes.stream()
                .filter(type -> type.getPackageName().endsWith(".micrometer"))
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.getModifiers().contains(JavaModifier.STATIC)
                        && field.getRawType().isEquivalentTo(String.class))
                .map(MetricsDocumentationTests::value)
                .filter(name -> name.startsWith("crablet."))
                .toList();
        assertThat(names).isNotEmpty();
        return names;
    }

    private static String value(JavaField field) {
        try {
            var constant = field.reflect();
            constant.setAccessible(true);
            return String.valueOf(constant.get(null));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field.getFullName(), e);
        }
    }
}
