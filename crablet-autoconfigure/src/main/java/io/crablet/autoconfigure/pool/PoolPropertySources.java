package io.crablet.autoconfigure.pool;

import static io.crablet.autoconfigure.pool.HikariSettings.MAXIMUM;
import static io.crablet.autoconfigure.pool.HikariSettings.MINIMUM;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;

/**
 * The two property sources that set up Spring Boot's pool: the profile, below everything that a user sets, and the
 * {@linkplain EmergencyBrake emergency brake}, above it.
 */
final class PoolPropertySources {

    static final String BRAKE = "crabletPoolBrake";

    private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";

    private final ConfigurableEnvironment environment;

    private final Binder binder;

    private PoolPropertySources(ConfigurableEnvironment environment) {
        this.environment = environment;
        this.binder = Binder.get(environment);
    }

    /**
     * Adds the two sources. Where they are there already they are made anew, with the values that follow from what has been
     * added to the environment since, and are put in their places again.
     *
     * @throws PoolSettingsException if what is set cannot be
     */
    static void applyTo(ConfigurableEnvironment environment) {
        MutablePropertySources sources = environment.getPropertySources();
        sources.stream()
                .filter(OwnPropertySource.class::isInstance)
                .toList()
                .forEach(own -> sources.remove(own.getName()));
        new PoolPropertySources(environment).add(sources);
    }

    private void add(MutablePropertySources sources) {
        String type = binder.bind("spring.datasource.type", String.class).orElse(HIKARI);
        if (!type.equals(HIKARI)) {
            return;
        }
        PoolProperties properties = binder.bindOrCreate(PoolProperties.PREFIX, PoolProperties.class);
        EmergencyBrake brake = EmergencyBrake.of(environment);
        Map<String, Object> profile = PoolProfiles.settings(properties);

        Limit maximum = brake.maximum() != null ? new Limit(EmergencyBrake.MAXIMUM, brake.maximum()) : limit(MAXIMUM);
        Limit minimum = brake.minimum() != null
                ? new Limit(EmergencyBrake.MINIMUM, minimumOf(brake.minimum(), maximum, profile))
                : limit(MINIMUM);
        Map<String, Object> braked = new LinkedHashMap<>();
        if (brake.maximum() != null) {
            braked.put(MAXIMUM, brake.maximum());
        }
        if (brake.minimum() != null && minimum != null) {
            braked.put(MINIMUM, minimum.connections());
        }
        if (maximum != null && minimum != null && minimum.connections() > maximum.connections()) {
            if (brake.maximum() == null || brake.minimum() != null) {
                throw contradiction(maximum, minimum);
            }
            // Whoever pulls the brake should not have to know of the minimum.
            braked.put(MINIMUM, brake.maximum());
        }
        PoolProfiles.giveWay(
                profile,
                maximum == null ? null : maximum.connections(),
                minimum == null ? null : minimum.connections());

        if (!braked.isEmpty()) {
            sources.addFirst(new OwnPropertySource(BRAKE, braked));
        }
        if (!profile.isEmpty()) {
            sources.addLast(
                    new OwnPropertySource("crabletPoolProfile [" + PoolProfiles.nameIn(properties) + "]", profile));
        }
    }

    /** A brake makes no pool larger, so its minimum ends at the profile's maximum where that is in force. */
    private static int minimumOf(int minimum, @Nullable Limit maximum, Map<String, Object> profile) {
        return maximum == null && profile.get(MAXIMUM) instanceof Integer most ? Math.min(minimum, most) : minimum;
    }

    private @Nullable Limit limit(String property) {
        Integer connections = binder.bind(property, Integer.class).orElse(null);
        return connections == null ? null : new Limit(property + origin(property), connections);
    }

    private String origin(String property) {
        ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
        for (var source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(name);
            if (found != null && found.getOrigin() != null) {
                return " (" + found.getOrigin() + ")";
            }
        }
        return "";
    }

    private static PoolSettingsException contradiction(Limit maximum, Limit minimum) {
        return new PoolSettingsException(
                "The pool should keep at least %d connections, as %s says, but open at most %d, as %s says."
                        .formatted(minimum.connections(), minimum.setBy(), maximum.connections(), maximum.setBy()),
                "Lower the minimum to %d or less, raise the maximum to %d or more, or remove the minimum."
                        .formatted(maximum.connections(), minimum.connections()));
    }

    /** A limit that somebody has set, and where. */
    private record Limit(String setBy, int connections) {}

    private static final class OwnPropertySource extends MapPropertySource {

        private OwnPropertySource(String name, Map<String, Object> values) {
            super(name, values);
        }
    }
}
