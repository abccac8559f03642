package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;

/**
 * Has every Hikari pool of the context checked: after its properties and connection details are set, which earlier
 * post-processors do, and before it is given to anybody who could make it connect.
 */
final class PoolStartCheckPostProcessor implements BeanPostProcessor, Ordered {

    private final ObjectProvider<PoolStartCheck> check;

    PoolStartCheckPostProcessor(ObjectProvider<PoolStartCheck> check) {
        this.check = check;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        if (bean instanceof HikariDataSource pool && !AopUtils.isAopProxy(bean)) {
            check.getObject().check(pool, beanName);
        } else if (bean instanceof DataSource dataSource
                && !AopUtils.isAopProxy(bean)
                && !Unwrapping.routes(dataSource)) {
            checkOnce(dataSource, beanName);
        }
        return bean;
    }

    /** What a factory bean made has no initialization of its own, and what a router chooses from is known, here only. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof DataSource dataSource) {
            checkOnce(dataSource, beanName);
        }
        return bean;
    }

    /** After those that set a pool's properties, and before the one that puts a ledger around it. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    private void checkOnce(DataSource bean, String beanName) {
        // The target of a proxy is a bean too, of a scope that may not have begun.
        if (!AopUtils.isAopProxy(bean)) {
            Unwrapping.visit(beanName, bean, (name, dataSource) -> {
                HikariDataSource pool = Unwrapping.pool(dataSource);
                if (pool != null && !check.getObject().hasChecked(pool)) {
                    check.getObject().check(pool, name);
                }
            });
        }
    }
}
