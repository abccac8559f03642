package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

class PoolPropertySourcesTests {

    private static final String HIKARI = "spring.datasource.hikari.";

    @ParameterizedTest
    @CsvSource({
        "default, 300, 100, 900000, 600000, 30000",
        "high-throughput, 200, 50, 600000, 300000, 30000",
        "low-throughput, 50, 10, 1800000, 900000, 30000"
    })
    void aProfileSetsWhatTheTableSays(
            String profile, int maximum, int minimum, long maxLifetime, long idleTimeout, long keepalive) {
        Pool pool = pool("crablet.pool.profile", profile);

        assertThat(pool).isEqualTo(new Pool(maximum, minimum, maxLifetime, idleTimeout, keepalive));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void theDefaultProfileIsInForceWhereNoneIsNamed(String empty) {
        assertThat(pool()).isEqualTo(pool("crablet.pool.profile", "default"));
        assertThat(pool("crablet.pool.profile", empty)).isEqualTo(pool());
    }

    @Test
    void theProfileNoneSetsNothing() {
        assertThat(pool("crablet.pool.profile", "none")).isEqualTo(new Pool(null, null, null, null, null));
    }

    @Test
    void theNameOfTheSourceTellsTheProfile() {
        ConfigurableEnvironment environment = environment("crablet.pool.profile", "low-throughput");
        PoolPropertySources.applyTo(environment);

        assertThat(environment.getPropertySources().stream().map(PropertySource::getName))
                .endsWith("crabletPoolProfile [low-throughput]");
    }

    @Test
    void aTeamsProfileTakesAnySettingOfHikariInAnySpelling() {
        ConfigurableEnvironment environment = environment(
                "crablet.pool.profile", "batch",
                "crablet.pool.profiles.batch.maximumPoolSize", "7",
                "crablet.pool.profiles.batch.max-lifetime", "20m",
                "crablet.pool.profiles.batch.connection_timeout", "1500",
                "crablet.pool.profiles.batch.pool-name", "batch",
                "crablet.pool.profiles.batch.data-source-properties.tcpKeepAlive", "true");
        PoolPropertySources.applyTo(environment);
        Binder binder = Binder.get(environment);

        assertThat(Pool.of(environment)).isEqualTo(new Pool(7, null, 1_200_000L, null, null));
        assertThat(binder.bind(HIKARI + "connection-timeout", Long.class).get()).isEqualTo(1500);
        assertThat(binder.bind(HIKARI + "pool-name", String.class).get()).isEqualTo("batch");
        assertThat(binder.bind(HIKARI + "data-source-properties", Bindable.mapOf(String.class, String.class))
                        .get())
                .isEqualTo(Map.of("tcpKeepAlive", "true"));
    }

    @Test
    void aTeamsProfileWithTheNameOfABuiltInOneChangesIt() {
        Pool pool = pool("crablet.pool.profiles.default.maximum-pool-size", "40");

        assertThat(pool).isEqualTo(new Pool(40, 40, 900_000L, 600_000L, 30_000L));
    }

    @Test
    void whatIsSetWinsOverTheProfileInAnySpelling() {
        assertThat(pool(HIKARI + "maximumPoolSize", "150").maximum()).isEqualTo(150);
        assertThat(pool(HIKARI + "maximum_pool_size", "150").maximum()).isEqualTo(150);
        assertThat(pool(HIKARI + "maximum-pool-size", "150").maximum()).isEqualTo(150);
        assertThat(pool(HIKARI + "idleTimeout", "60000").idleTimeout()).isEqualTo(60_000);
    }

    @Test
    void theMinimumOfAProfileGivesWayToAMaximumThatIsSet() {
        assertThat(pool(HIKARI + "maximumPoolSize", "20").minimum()).isEqualTo(20);
    }

    @Test
    void theMaximumOfAProfileGivesWayToAMinimumThatIsSet() {
        assertThat(pool(HIKARI + "minimum-idle", "350").maximum()).isEqualTo(350);
    }

    @Test
    void theBrakeWinsOverEverything() {
        Pool pool = pool(
                "DB_MAX_CONNS",
                "30",
                "DB_MIN_CONNS",
                "3",
                HIKARI + "maximumPoolSize",
                "200",
                HIKARI + "minimumIdle",
                "50");

        assertThat(pool.maximum()).isEqualTo(30);
        assertThat(pool.minimum()).isEqualTo(3);
    }

    @Test
    void theMinimumFollowsTheBrakeDown() {
        Pool overProfile = pool("DB_MAX_CONNS", "50");
        Pool overSettings = pool("DB_MAX_CONNS", "50", HIKARI + "maximumPoolSize", "200", HIKARI + "minimumIdle", "80");

        assertThat(overProfile).extracting(Pool::maximum, Pool::minimum).containsExactly(50, 50);
        assertThat(overSettings).extracting(Pool::maximum, Pool::minimum).containsExactly(50, 50);
    }

    @Test
    void theBrakesMinimumDoesNotRaiseTheMaximumOfAProfile() {
        assertThat(pool("DB_MIN_CONNS", "400"))
                .extracting(Pool::maximum, Pool::minimum)
                .containsExactly(300, 300);
    }

    @Test
    void aMinimumBelowTheBrakeStays() {
        assertThat(pool("DB_MAX_CONNS", "50", HIKARI + "minimumIdle", "8").minimum())
                .isEqualTo(8);
    }

    @Test
    void anEmptyVariableCountsAsNotGiven() {
        assertThat(pool("DB_MAX_CONNS", "", "DB_MIN_CONNS", " ")).isEqualTo(pool());
    }

    @Test
    void theCapacityCheckCanBeSwitchedOffInYamlToo() {
        ConfigurableEnvironment environment = new StandardEnvironment();
        // What YAML makes of a bare off.
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("yaml", Map.of("crablet.pool.capacity-check", Boolean.FALSE)));

        assertThat(Binder.get(environment)
                        .bind(PoolProperties.PREFIX, PoolProperties.class)
                        .get()
                        .capacityCheck())
                .isEqualTo(PoolProperties.CapacityCheck.OFF);
    }

    @Test
    void anotherKindOfPoolIsLeftAlone() {
        Pool pool = pool("spring.datasource.type", "org.apache.tomcat.jdbc.pool.DataSource", "DB_MAX_CONNS", "5");

        assertThat(pool).isEqualTo(new Pool(null, null, null, null, null));
    }

    @Test
    void applyingAgainTakesInWhatHasComeSinceAndPutsTheSourcesInTheirPlaces() {
        ConfigurableEnvironment environment = environment("DB_MAX_CONNS", "50");
        PoolPropertySources.applyTo(environment);
        environment.getPropertySources().addFirst(source("late", "crablet.pool.profile", "low-throughput"));
        environment.getPropertySources().addLast(source("last", HIKARI + "minimumIdle", "2"));
        PoolPropertySources.applyTo(environment);

        assertThat(environment.getPropertySources().stream()
                        .map(PropertySource::getName)
                        .filter(name -> name.matches("crablet.*|late|last")))
                .containsExactly("crabletPoolBrake", "late", "last", "crabletPoolProfile [low-throughput]");
        assertThat(Pool.of(environment)).isEqualTo(new Pool(50, 2, 1_800_000L, 900_000L, 30_000L));
    }

    @Test
    void anUnknownProfileIsRefusedWithTheOnesThereAre() {
        FailureAnalysis analysis =
                refusal("crablet.pool.profile", "hihg-throughput", "crablet.pool.profiles.batch.minimum-idle", "1");

        assertThat(analysis.getDescription()).contains("'hihg-throughput'");
        assertThat(analysis.getAction()).contains("batch, default, high-throughput, low-throughput, none");
    }

    @Test
    void aMinimumAboveTheMaximumIsRefusedWithWhereBothAreFrom() {
        FailureAnalysis analysis = refusal(HIKARI + "maximumPoolSize", "20", HIKARI + "minimum-idle", "30");

        assertThat(analysis.getDescription())
                .contains("at least 30", HIKARI + "minimum-idle (\"spring.datasource.hikari.minimum-idle\" from")
                .contains("at most 20", "spring.datasource.hikari.maximumPoolSize");
        assertThat(analysis.getAction()).contains("minimum to 20 or less", "maximum to 30 or more");
    }

    @Test
    void aMinimumOfTheBrakeAboveAMaximumThatIsSetIsRefused() {
        assertThat(refusal("DB_MIN_CONNS", "60", HIKARI + "maximum-pool-size", "20")
                        .getDescription())
                .contains("DB_MIN_CONNS");
        assertThat(refusal("DB_MIN_CONNS", "60", "DB_MAX_CONNS", "20").getDescription())
                .contains("DB_MIN_CONNS", "DB_MAX_CONNS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"many", "0", "-5", "1.5", "50 connections", "99999999999"})
    void aBrakeThatIsNoPositiveNumberIsRefused(String value) {
        FailureAnalysis analysis = refusal("DB_MAX_CONNS", value);

        assertThat(analysis.getDescription()).contains("DB_MAX_CONNS is '" + value + "'", "1 or more");
        assertThat(analysis.getAction()).contains("DB_MAX_CONNS=50");
    }

    @Test
    void aProfileWhoseMinimumIsAboveItsMaximumIsRefused() {
        FailureAnalysis analysis = refusal(
                "crablet.pool.profile", "batch",
                "crablet.pool.profiles.batch.maximumPoolSize", "5",
                "crablet.pool.profiles.batch.minimumIdle", "6");

        assertThat(analysis.getDescription()).contains("'batch'", "6", "5");
    }

    @Test
    void aProfileWithASettingThatHikariDoesNotHaveIsRefused() {
        FailureAnalysis analysis =
                refusal("crablet.pool.profile", "batch", "crablet.pool.profiles.batch.max-pool-size", "5");

        assertThat(analysis.getDescription()).contains("'max-pool-size'", "maximum-pool-size");
        assertThat(analysis.getAction()).contains("crablet.pool.profiles.batch.max-pool-size");
    }

    @ParameterizedTest
    @CsvSource({"max-lifetime, soon, duration", "maximum-pool-size, lots, number"})
    void aProfileWithAValueThatCannotBeIsRefused(String setting, String value, String wanted) {
        FailureAnalysis analysis =
                refusal("crablet.pool.profile", "batch", "crablet.pool.profiles.batch." + setting, value);

        assertThat(analysis.getDescription()).contains("'" + value + "' of " + setting, wanted);
    }

    @Test
    void theNameNoneCannotBeTaken() {
        assertThat(refusal("crablet.pool.profile", "none", "crablet.pool.profiles.none.maximum-pool-size", "5")
                        .getDescription())
                .contains("'none' sets nothing");
    }

    private static Pool pool(String... properties) {
        ConfigurableEnvironment environment = environment(properties);
        PoolPropertySources.applyTo(environment);
        return Pool.of(environment);
    }

    private static FailureAnalysis refusal(String... properties) {
        ConfigurableEnvironment environment = environment(properties);
        PoolSettingsException[] refused = new PoolSettingsException[1];
        assertThatExceptionOfType(PoolSettingsException.class)
                .isThrownBy(() -> PoolPropertySources.applyTo(environment))
                .satisfies(exception -> refused[0] = exception);
        return new PoolSettingsFailureAnalyzer().analyze(new IllegalStateException(refused[0]));
    }

    private static ConfigurableEnvironment environment(String... properties) {
        ConfigurableEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(source("user", properties));
        return environment;
    }

    private static MapPropertySource source(String name, String... properties) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < properties.length; i += 2) {
            values.put(properties[i], properties[i + 1]);
        }
        return new MapPropertySource(name, values);
    }

    private record Pool(Integer maximum, Integer minimum, Long maxLifetime, Long idleTimeout, Long keepalive) {

        private static Pool of(ConfigurableEnvironment environment) {
            Binder binder = Binder.get(environment);
            return new Pool(
                    binder.bind(HIKARI + "maximum-pool-size", Integer.class).orElse(null),
                    binder.bind(HIKARI + "minimum-idle", Integer.class).orElse(null),
                    binder.bind(HIKARI + "max-lifetime", Long.class).orElse(null),
                    binder.bind(HIKARI + "idle-timeout", Long.class).orElse(null),
                    binder.bind(HIKARI + "keepalive-time", Long.class).orElse(null));
        }
    }
}
