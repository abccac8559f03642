package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.Environment;

/**
 * The settings of pools that are in force, each with where it is from. Those that may hold a secret are left out, and of the JDBC URL
 * all that may.
 */
final class PoolSettings {

    private static final List<String> NAMES = List.of(
            "maximumPoolSize",
            "minimumIdle",
            "connectionTimeout",
            "maxLifetime",
            "idleTimeout",
            "keepaliveTime",
            "validationTimeout",
            "leakDetectionThreshold",
            "initializationFailTimeout",
            "allowPoolSuspension",
            "autoCommit",
            "readOnly",
            "isolateInternalQueries",
            "registerMbeans",
            "transactionIsolation",
            "catalog",
            "schema",
            "driverClassName",
            "dataSourceClassName",
            "poolName");

    private static final String URL = "jdbc-url";

    private static final List<String> URL_PROPERTIES = List.of(HikariSettings.PREFIX + URL, "spring.datasource.url");

    private static final Pattern ADDRESS =
            Pattern.compile("(jdbc:(?:wrapper:)?postgresql://[\\w.:,\\[\\]-]+/[\\w.-]*)(?:\\?.*)?");

    private static final Pattern URL_START = Pattern.compile("jdbc:[A-Za-z0-9-]+:");

    private static final String DEFAULT = "HikariCP's default";

    static final String NO_PROPERTY = "not spring.datasource: set by the application, Spring Boot or HikariCP";

    /**
     * A setting.
     *
     * @param value what is in force; times are milliseconds
     * @param configured what the property says, if that is something else: the capacity check, HikariCP or a resize has changed it
     * @param from where the property is from; if there is none, who has chosen the value
     */
    record Setting(Object value, @Nullable String configured, String from) {}

    /** A value in the environment, and where it is from. */
    private record Configured(String value, String from) {}

    private final Map<String, Configured> configured = new LinkedHashMap<>();

    private final HikariConfig defaults = new HikariConfig();

    private final Environment environment;

    /** Reads the environment, once. */
    PoolSettings(Environment environment) {
        this.environment = environment;
        NAMES.stream()
                .map(DataObjectPropertyName::toDashedForm)
                .forEach(name -> read(name, HikariSettings.PREFIX + name));
        URL_PROPERTIES.forEach(property -> read(URL, property));
    }

    /**
     * Returns the settings of a pool that are in force now.
     *
     * @param pool the pool
     * @param bound whether it has its settings from {@code spring.datasource}
     */
    Map<String, Setting> of(HikariDataSource pool, boolean bound) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        String url = pool.getJdbcUrl();
        if (url != null) {
            Configured property = bound ? configured.get(URL) : null;
            String from = property != null && property.value().equals(url) ? property.from() : NO_PROPERTY;
            settings.put(URL, new Setting(withoutSecrets(url), null, from));
        }
        var values = PropertyAccessorFactory.forBeanPropertyAccess(pool);
        var unset = PropertyAccessorFactory.forBeanPropertyAccess(defaults);
        NAMES.forEach(property -> {
            Object value = values.getPropertyValue(property);
            if (value != null) {
                String name = DataObjectPropertyName.toDashedForm(property);
                Object byDefault = unset.getPropertyValue(property);
                settings.put(name, setting(value, bound ? configured.get(name) : null, byDefault));
            }
        });
        return settings;
    }

    private static Setting setting(Object value, @Nullable Configured property, @Nullable Object byDefault) {
        if (property == null) {
            return new Setting(value, null, Objects.equals(value, byDefault) ? DEFAULT : NO_PROPERTY);
        }
        boolean inForce = property.value().equalsIgnoreCase(value.toString());
        return new Setting(value, inForce ? null : property.value(), property.from());
    }

    /**
     * The address without user, password and parameters. Where they may stand is for the driver to say, so it is shown only if it is
     * one of PostgreSQL's that can hold nothing but hosts, ports and a database.
     */
    static String withoutSecrets(String url) {
        Matcher address = ADDRESS.matcher(url);
        if (address.matches()) {
            return address.group(1);
        }
        Matcher start = URL_START.matcher(url);
        return start.lookingAt() ? start.group() + "…" : "…";
    }

    private void read(String name, String property) {
        ConfigurationPropertyName propertyName = ConfigurationPropertyName.of(property);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(propertyName);
            if (found != null) {
                // Through the binder, for the placeholders in it.
                String value =
                        Binder.get(environment).bind(property, String.class).orElse("");
                configured.putIfAbsent(name, new Configured(value, from(found.getOrigin(), property)));
                return;
            }
        }
    }

    private String from(@Nullable Origin origin, String property) {
        if (!(origin instanceof PropertySourceOrigin inSource)) {
            return origin == null ? "the environment" : origin.toString();
        }
        String source = inSource.getPropertySource().getName();
        if (source.equals(PoolPropertySources.BRAKE)) {
            return EmergencyBrake.variable(environment, property.equals(HikariSettings.MAXIMUM));
        }
        return inSource.getOrigin() == null ? source : inSource.getOrigin().toString();
    }
}
