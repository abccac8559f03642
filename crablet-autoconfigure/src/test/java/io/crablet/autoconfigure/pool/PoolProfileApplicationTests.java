package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.DefaultResourceLoader;

/** Whole applications, so that the environment is put together as Spring Boot does it. */
@ExtendWith(OutputCaptureExtension.class)
class PoolProfileApplicationTests {

    private static final String HIKARI = "spring.datasource.hikari.";

    @Test
    void theProfileIsTheDefaultOfSpringBootsPool() {
        run(application(), "--crablet.pool.profile=high-throughput", pool -> {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(200);
            assertThat(pool.getMinimumIdle()).isEqualTo(50);
            assertThat(pool.getMaxLifetime()).isEqualTo(600_000);
            assertThat(pool.getIdleTimeout()).isEqualTo(300_000);
            assertThat(pool.getKeepaliveTime()).isEqualTo(30_000);
        });
    }

    @Test
    void aFileWinsOverTheProfileWhateverTheSpelling() {
        run(application(), "--spring.config.location=classpath:io/crablet/autoconfigure/pool/camel-case.yml", pool -> {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(21);
            assertThat(pool.getMinimumIdle()).isEqualTo(4);
            assertThat(pool.getMaxLifetime()).isEqualTo(1_800_000);
        });
    }

    @Test
    void defaultPropertiesWinOverTheProfile() {
        SpringApplicationBuilder application = application().properties(Map.of(HIKARI + "maximumPoolSize", "33"));

        run(application, "--none", pool -> {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(33);
            assertThat(pool.getMinimumIdle()).isEqualTo(33);
        });
    }

    @Test
    void aPropertySourceAnnotationWinsOverTheProfile() {
        run(application(Annotated.class), "--none", pool -> {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(44);
            assertThat(pool.getMinimumIdle()).isEqualTo(4);
        });
    }

    @Test
    void theBrakeWinsOverTheCommandLineAndWhatIsAddedLater() {
        SpringApplicationBuilder application = application()
                .properties(Map.of("DB_MAX_CONNS", "5"))
                .initializers(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("dynamic", Map.of(HIKARI + "minimumIdle", "70"))));

        run(application, "--" + HIKARI + "maximum-pool-size=80", pool -> {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(5);
            assertThat(pool.getMinimumIdle()).isEqualTo(5);
        });
    }

    @Test
    void aMistakeStopsTheStartWithWhatToDo(CapturedOutput output) {
        assertThatThrownBy(() -> run(application(), "--crablet.pool.profile=turbo", pool -> {}))
                .isInstanceOf(PoolSettingsException.class);

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("crablet.pool.profile is 'turbo'")
                .contains("default, high-throughput, low-throughput, none");
    }

    @Test
    void withoutHikariNothingIsAdded() {
        ClassLoader withoutHikari = new FilteredClassLoader("com.zaxxer.hikari");
        SpringApplication application = new SpringApplication(new DefaultResourceLoader(withoutHikari), Empty.class);
        application.setWebApplicationType(WebApplicationType.NONE);

        try (ConfigurableApplicationContext context = application.run("--crablet.pool.profile=turbo")) {
            assertThat(context.getEnvironment().getProperty(HIKARI + "maximum-pool-size"))
                    .isNull();
        }
    }

    private static SpringApplicationBuilder application(Class<?>... sources) {
        return new SpringApplicationBuilder(sources).sources(Application.class).web(WebApplicationType.NONE);
    }

    private static void run(SpringApplicationBuilder application, String argument, Consumer<HikariDataSource> check) {
        try (ConfigurableApplicationContext context = application.run(
                argument,
                "--crablet.pool.capacity-check=off",
                "--spring.datasource.url=jdbc:postgresql://localhost:1/none")) {
            check.accept(context.getBean(HikariDataSource.class));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({DataSourceAutoConfiguration.class, PoolSettingsAutoConfiguration.class})
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    @PropertySource("classpath:io/crablet/autoconfigure/pool/annotated.properties")
    static class Annotated {}

    @Configuration(proxyBeanMethods = false)
    static class Empty {}
}
