package io.crablet.autoconfigure.pool;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Puts the pool's settings in their places again before the first bean is made. Much comes into the environment after it was
 * prepared: {@code @PropertySource}, which a profile must not win over, and {@code @DynamicPropertySource} or a configuration
 * server, which the emergency brake must win over.
 */
final class PoolPropertySourcesPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

    private final ConfigurableEnvironment environment;

    PoolPropertySourcesPostProcessor(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
        PoolPropertySources.applyTo(environment);
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
