package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ReflectionUtils;

/**
 * Puts a ledger around every Hikari pool of the context: one that is a bean, one that a bean delegates to, and those that a routing
 * bean chooses from. Of a pool inside another wrapper the wrapper's connections are kept in the ledger.
 */
final class LedgerPostProcessor implements BeanPostProcessor, Ordered {

    private static final Logger logger = LoggerFactory.getLogger(LedgerPostProcessor.class);

    private static final String TARGETS = "targetDataSources";

    private static final String DEFAULT_TARGET = "defaultTargetDataSource";

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

    /**
     * Changes what the routing data source was given, as it was given, and has it resolve that again: keys that are resolved
     * already would become others.
     */
    private void intoTargets(AbstractRoutingDataSource routing, String name) {
        DirectFieldAccessor fields = new DirectFieldAccessor(routing);
        if (!fields.isReadableProperty(TARGETS) || !fields.isReadableProperty(DEFAULT_TARGET)) {
            logger.info("The pools of routing data source {} have no ledgers: its class is not as it was", name);
            return;
        }
        Map<Object, Object> before = new LinkedHashMap<>();
        if (fields.getPropertyValue(TARGETS) instanceof Map<?, ?> given) {
            before.putAll(given);
        }
        Map<Object, Object> targets = new LinkedHashMap<>(before);
        targets.replaceAll((key, target) -> target(target, Unwrapping.targetName(name, key)));
        Object defaultBefore = fields.getPropertyValue(DEFAULT_TARGET);
        Object byDefault = defaultBefore == null ? null : target(defaultBefore, Unwrapping.targetName(name, "default"));
        if (!targets.equals(before) || byDefault != defaultBefore) {
            routing.setTargetDataSources(targets);
            if (byDefault != null) {
                routing.setDefaultTargetDataSource(byDefault);
            }
            routing.initialize();
        }
    }

    /** A target may also be the name under which the routing data source looks it up. */
    private Object target(Object target, String name) {
        return target instanceof DataSource dataSource ? withLedger(dataSource, name) : target;
    }

    private DataSource aroundWrapper(DataSource wrapper, String name) {
        HikariDataSource pool = Unwrapping.routes(wrapper) ? null : Unwrapping.pool(wrapper);
        if (pool == null || Unwrapping.ledger(wrapper) != null) {
            return wrapper;
        }
        if (cannotBeProxied(wrapper.getClass())) {
            logger.info(
                    "The connections of data source {} are not kept in a ledger: its class {} is final, or has final methods."
                            + " Make its pool a bean",
                    name,
                    wrapper.getClass().getName());
            return wrapper;
        }
        return around(wrapper, pool, name);
    }

    /** A final method would run on the proxy itself, which has no fields. */
    private static boolean cannotBeProxied(Class<?> type) {
        if (Modifier.isFinal(type.getModifiers())) {
            return true;
        }
        AtomicBoolean found = new AtomicBoolean();
        ReflectionUtils.doWithMethods(
                type,
                method -> found.set(true),
                method -> Modifier.isFinal(method.getModifiers())
                        && !Modifier.isStatic(method.getModifiers())
                        && !Modifier.isPrivate(method.getModifiers())
                        && method.getDeclaringClass() != Object.class);
        return found.get();
    }

    /** A pool that is a bean may also have been given, as it was made, to a data source that is another. */
    private DataSource onceAround(HikariDataSource pool, String name) {
        withLedgers.keySet().removeIf(HikariDataSource::isClosed);
        return withLedgers.computeIfAbsent(pool, unseen -> around(unseen, unseen, name));
    }

    private DataSource around(DataSource lender, HikariDataSource pool, String name) {
        return LedgerProxy.around(lender, ledgers.getObject().open(name, pool, lender));
    }
}
