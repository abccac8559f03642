package io.crablet.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.postgresql.util.DriverInfo;
import org.springframework.boot.SpringBootVersion;

/** Finds out which versions take part. */
final class Versions {

    private static final String UNKNOWN = "unknown";

    private Versions() {}

    static Map<String, String> ofLibraries() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("Crablet", commit());
        versions.put(
                "JDK", System.getProperty("java.runtime.version", UNKNOWN) + ", " + System.getProperty("java.vendor"));
        versions.put("Spring Boot", SpringBootVersion.getVersion());
        versions.put("HikariCP", hikari());
        versions.put("PostgreSQL JDBC", DriverInfo.DRIVER_VERSION);
        return versions;
    }

    /** Its manifest does not say. */
    private static String hikari() {
        Properties properties = new Properties();
        try (InputStream in =
                HikariDataSource.class.getResourceAsStream("/META-INF/maven/com.zaxxer/HikariCP/pom.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return UNKNOWN + " (" + e.getMessage() + ")";
        }
        return properties.getProperty("version", UNKNOWN);
    }

    /** Asks Git, if it is there and this is a clone. */
    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String commit = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return commit.isEmpty() ? UNKNOWN : "commit " + commit;
        } catch (IOException e) {
            return UNKNOWN + " (" + e.getMessage() + ")";
        }
    }
}
