package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfig;
import java.beans.PropertyDescriptor;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.convert.DurationStyle;

/** The names and kinds of the settings under {@code spring.datasource.hikari}. */
final class HikariSettings {

    static final String PREFIX = "spring.datasource.hikari.";

    static final String MAXIMUM = PREFIX + "maximum-pool-size";

    static final String MINIMUM = PREFIX + "minimum-idle";

    /** By name as Spring Boot documents it, the type of the value. */
    private static final Map<String, Class<?>> TYPES = types();

    private HikariSettings() {}

    /**
     * Puts a setting of a profile into the form in which Spring Boot binds it to Hikari.
     *
     * @param settings receives the property
     * @param name its name in any of the spellings of relaxed binding
     * @param value its value
     * @throws IllegalArgumentException if Hikari has no such setting, or the value cannot be one
     */
    static void put(Map<String, Object> settings, String name, String value) {
        int end = name.indexOf('.');
        String first = end < 0 ? name : name.substring(0, end);
        String known = TYPES.keySet().stream()
                .filter(candidate -> uniform(candidate).equals(uniform(first)))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("'" + name + "' is no setting of spring.datasource.hikari"
                                + "; it has " + String.join(", ", TYPES.keySet())));
        settings.put(PREFIX + known + name.substring(first.length()), convert(TYPES.get(known), name, value.strip()));
    }

    private static Object convert(@Nullable Class<?> type, String name, String value) {
        try {
            // Every long of Hikari's is a time in milliseconds.
            if (type == long.class) {
                return DurationStyle.detectAndParse(value).toMillis();
            }
            return type == int.class ? Integer.valueOf(value) : value;
        } catch (IllegalArgumentException e) {
            String wanted =
                    type == int.class ? "whole number" : "duration such as 30s, 10m or a number of milliseconds";
            throw new IllegalArgumentException("'" + value + "' of " + name + " is no " + wanted, e);
        }
    }

    private static Map<String, Class<?>> types() {
        Map<String, Class<?>> types = new TreeMap<>();
        for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(HikariConfig.class)) {
            Method setter = property.getWriteMethod();
            Class<?> type = property.getPropertyType();
            if (setter != null && type != null && (BeanUtils.isSimpleValueType(type) || type == Properties.class)) {
                types.put(DataObjectPropertyName.toDashedForm(property.getName()), type);
            }
        }
        return types;
    }

    private static String uniform(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }
}
