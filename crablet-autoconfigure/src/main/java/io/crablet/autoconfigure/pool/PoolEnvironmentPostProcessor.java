package io.crablet.autoconfigure.pool;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;

/** Adds the pool's settings to the environment once everything else that sets it up has done so. */
final class PoolEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

    private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (ClassUtils.isPresent(HIKARI, application.getClassLoader())) {
            PoolPropertySources.applyTo(environment);
        }
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }
}
