package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The application's data sources: HikariCP's pools, found behind whatever is wrapped around them, and others. One that
 * several beans wrap is there once; those a routing data source chooses from are there by themselves.
 */
final class DataSources {

    private final Map<String, HikariDataSource> pools;

    private final Map<String, DataSource> others = new LinkedHashMap<>();

    private final Set<HikariDataSource> profiled = new HashSet<>();

    private final @Nullable HikariDataSource primary;

    DataSources(ConfigurableListableBeanFactory beanFactory, boolean ignoreRouting) {
        Map<String, HikariDataSource> found = new LinkedHashMap<>();
        SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, DataSource.class, false, true)
                .forEach((name, dataSource) -> {
                    if (!ignoreRouting || !Unwrapping.routes(dataSource)) {
                        Unwrapping.visit(name, dataSource, (bean, source) -> add(found, bean, source));
                    }
                    HikariDataSource pool =
                            boundToHikariSettings(beanFactory, name) ? Unwrapping.pool(dataSource) : null;
                    if (pool != null) {
                        profiled.add(pool);
                    }
                });
        DataSource unique = beanFactory.getBeanProvider(DataSource.class).getIfUnique();
        this.primary = unique == null || Unwrapping.routes(unique) ? null : Unwrapping.pool(unique);
        this.pools = primaryFirst(found);
    }

    /** The pools, by the names of their beans; the one that is meant where none is named comes first. */
    Map<String, HikariDataSource> pools() {
        return pools;
    }

    /** The data sources that are no HikariCP pools, by the names of their beans. */
    Map<String, DataSource> others() {
        return others;
    }

    /** Whether a pool is the one that is meant where none is named. */
    boolean isPrimary(HikariDataSource pool) {
        return pools.size() == 1 || pool == primary;
    }

    /** Whether a pool gets the settings of the profile, as all that is under {@code spring.datasource.hikari}. */
    boolean hasProfile(HikariDataSource pool) {
        return profiled.contains(pool);
    }

    /** As Spring Boot's own pool is, and one of the application's may be. */
    private static boolean boundToHikariSettings(ConfigurableListableBeanFactory beanFactory, String bean) {
        ConfigurationProperties binding = beanFactory.findAnnotationOnBean(bean, ConfigurationProperties.class);
        return binding != null && HikariSettings.PREFIX.equals(binding.prefix() + ".");
    }

    private void add(Map<String, HikariDataSource> found, String name, DataSource dataSource) {
        HikariDataSource pool = Unwrapping.pool(dataSource);
        if (pool == null) {
            others.put(name, dataSource);
        } else if (found.values().stream().noneMatch(known -> Unwrapping.bare(known) == Unwrapping.bare(pool))) {
            found.put(name, pool);
        }
    }

    private Map<String, HikariDataSource> primaryFirst(Map<String, HikariDataSource> found) {
        Map<String, HikariDataSource> ordered = new LinkedHashMap<>();
        found.forEach((name, pool) -> {
            if (pool == primary) {
                ordered.put(name, pool);
            }
        });
        ordered.putAll(found);
        return ordered;
    }
}
