package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.jdbc.DataSourceUnwrapper;

/**
 * Has every Hikari pool of the context checked: after its properties and connection details are set, which earlier
 * post-processors do, and before it is given to anybody who could make it connect.
 */
final class PoolStartCheckPostProcessor implements BeanPostProcessor {

    private final ObjectProvider<PoolStartCheck> check;

    PoolStartCheckPostProcessor(ObjectProvider<PoolStartCheck> check) {
        this.check = check;
    }

    @Override
    public Object postProcessBeforeInitialization(Object bean, String beanName) {
        if (bean instanceof HikariDataSource pool && !AopUtils.isAopProxy(bean)) {
            check.getObject().check(pool, beanName);
        } else {
            checkOnce(bean, beanName);
        }
        return bean;
    }

    /** What a factory bean made has no initialization of its own and is seen here only. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        checkOnce(bean, beanName);
        return bean;
    }

    private void checkOnce(Object bean, String beanName) {
        // The target of a proxy is a bean too, of a scope that may not have begun.
        if (bean instanceof DataSource dataSource && !AopUtils.isAopProxy(bean)) {
            HikariDataSource pool =
                    DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
            if (pool != null && !check.getObject().hasChecked(pool)) {
                check.getObject().check(pool, beanName);
            }
        }
    }
}
