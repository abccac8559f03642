package io.crablet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "io.crablet",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTests.NoTestSupport.class})
class ArchitectureTests {

    @ArchTest
    static final ArchRule hikariIsUsedOnlyInThePackagesThatNameIt = isUsedOnlyIn("com.zaxxer.hikari..", "..hikari");

    @ArchTest
    static final ArchRule micrometerIsUsedOnlyInThePackagesThatNameIt = isUsedOnlyIn("io.micrometer..", "..micrometer");

    @ArchTest
    static final ArchRule thePostgresDriverIsUsedOnlyInThePackagesThatNameIt =
            isUsedOnlyIn("org.postgresql..", "..postgres");

    @ArchTest
    static final ArchRule jacksonIsUsedOnlyInThePackagesThatNameIt = isUsedOnlyIn("tools.jackson..", "..jackson");

    @ArchTest
    static final ArchRule nothingElseIsUsedAndNeverSpringBoot = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.crablet..",
                    "java..",
                    "javax.naming..",
                    "javax.sql..",
                    "org.jspecify.annotations",
                    "org.slf4j..",
                    "org.springframework.cglib..",
                    "org.springframework.core..",
                    "org.springframework.dao..",
                    "org.springframework.jdbc..",
                    "org.springframework.transaction..",
                    "org.springframework.util..",
                    "com.zaxxer.hikari..",
                    "io.micrometer..",
                    "org.postgresql..",
                    "tools.jackson..");

    @ArchTest
    static final ArchRule theEventStoreAndThePoolDoNotKnowEachOther =
            slices().matching("io.crablet.(*)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("io.crablet.(**)").should().beFreeOfCycles();

    private static ArchRule isUsedOnlyIn(String library, String packages) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(packages)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library);
    }

    /** Leaves out the module crablet-test, which is on the class path of the tests. */
    static final class NoTestSupport implements ImportOption {

        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/crablet/test/");
        }
    }
}
