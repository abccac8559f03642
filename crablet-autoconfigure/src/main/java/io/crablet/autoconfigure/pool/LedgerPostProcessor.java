package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Puts a ledger around every Hikari pool of the context: one that is a bean, one that a bean delegates to, and those that a routing
 * bean chooses from. Of a pool inside another wrapper the wrapper's connections are kept in the ledger.
 */
final class LedgerPostProcessor implements BeanPostProcessor, Ordered {

    private static final Logger logger = LoggerFactory.getLogger(LedgerPostProcessor.class);

    private static final String TARGET_OF_SCOPED_PROXY = "scopedTarget.";

    private final ObjectProvider<Ledgers> ledgers;

    private final Map<HikariDataSource, DataSource> withLedgers = new ConcurrentHashMap<>();

    LedgerPostProcessor(ObjectProvider<Ledgers> ledgers) {
        this.ledgers = ledgers;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof DataSource dataSource)) {
            return bean;
        }
        String name = beanName.startsWith(TARGET_OF_SCOPED_PROXY)
                ? beanName.substring(TARGET_OF_SCOPED_PROXY.length())
                : beanName;
        return withLedger(dataSource, name);
    }

    /** Before others put something around the pool: what the ledger lends is then what they wrap. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 1;
    }

    private DataSource withLedger(DataSource dataSource, String name) {
        if (dataSource instanceof HikariDataSource pool) {
            return Unwrapping.ledger(pool) == null ? onceAround(pool, name) : pool;
        }
        if (dataSource instanceof DelegatingDataSource delegating) {
            intoTarget(delegating, name);
            return dataSource;
        }
        if (dataSource instanceof AbstractRoutingDataSource routing) {
            intoTargets(routing, name);
            return dataSource;
        }
        return aroundWrapper(dataSource, name);
    }

    private void intoTarget(DelegatingDataSource delegating, String name) {
        DataSource target = delegating.getTargetDataSource();
        if (target != null) {
            DataSource withLedger = withLedger(target, name);
            if (withLedger != target) {
                delegating.setTargetDataSource(withLedger);
            }
        }
    }

    private void intoTargets(AbstractRoutingDataSource routing, String name) {
        Map<Object, DataSource> targets = Unwrapping.targets(routing);
        Map<Object, Object> changed = new LinkedHashMap<>();
        targets.forEach((key, target) -> changed.put(key, withLedger(target, Unwrapping.targetName(name, key))));
        DataSource byDefault = routing.getResolvedDefaultDataSource();
        DataSource defaultWithLedger = byDefault == null ? null : sameOr(byDefault, targets, changed, name);
        if (!changed.equals(targets) || defaultWithLedger != byDefault) {
            routing.setTargetDataSources(changed);
            if (defaultWithLedger != null) {
                routing.setDefaultTargetDataSource(defaultWithLedger);
            }
            routing.initialize();
        }
    }

    /** The default target is often one of the others. */
    private DataSource sameOr(
            DataSource byDefault, Map<Object, DataSource> targets, Map<Object, Object> changed, String name) {
        for (Map.Entry<Object, DataSource> target : targets.entrySet()) {
            if (target.getValue() == byDefault && changed.get(target.getKey()) instanceof DataSource same) {
                return same;
            }
        }
        return withLedger(byDefault, name + ".default");
    }

    private DataSource aroundWrapper(DataSource wrapper, String name) {
        HikariDataSource pool = Unwrapping.routes(wrapper) ? null : Unwrapping.pool(wrapper);
        if (pool == null || Unwrapping.ledger(wrapper) != null) {
            return wrapper;
        }
        if (Modifier.isFinal(wrapper.getClass().getModifiers())) {
            logger.info(
                    "The connections of data source {} are not kept in a ledger: its class {} is final. Make its pool a bean",
                    name,
                    wrapper.getClass().getName());
            return wrapper;
        }
        return around(wrapper, pool, name);
    }

    /** A pool that is a bean may also have been given, as it was made, to a data source that is another. */
    private DataSource onceAround(HikariDataSource pool, String name) {
        withLedgers.keySet().removeIf(HikariDataSource::isClosed);
        return withLedgers.computeIfAbsent(pool, unseen -> around(unseen, unseen, name));
    }

    private DataSource around(DataSource lender, HikariDataSource pool, String name) {
        return LedgerInterceptor.around(lender, ledgers.getObject().open(new HikariLendingPool(name, pool, lender)));
    }
}
