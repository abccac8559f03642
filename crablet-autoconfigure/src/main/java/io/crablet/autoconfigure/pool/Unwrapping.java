package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.ledger.ConnectionLedger;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Finds what is behind a data source. */
final class Unwrapping {

    private static final Logger logger = LoggerFactory.getLogger(Unwrapping.class);

    private Unwrapping() {}

    /**
     * Visits a data source, or, of one that routes, each that it chooses from, under its name, a dot and its key.
     *
     * @param dataSource one that routes and has not been initialized yet has nothing to visit
     */
    static void visit(String name, DataSource dataSource, BiConsumer<String, DataSource> visitor) {
        // First, since unwrapping a routing data source gives the target of the moment.
        AbstractRoutingDataSource routing = routing(dataSource);
        if (routing == null) {
            visitor.accept(name, dataSource);
        } else {
            Map<Object, DataSource> targets = targets(routing);
            targets.forEach((key, target) -> visit(targetName(name, key), target, visitor));
            DataSource byDefault = routing.getResolvedDefaultDataSource();
            if (byDefault != null && !targets.containsValue(byDefault)) {
                visit(targetName(name, "default"), byDefault, visitor);
            }
        }
    }

    /** What a target of a routing data source is called. */
    static String targetName(String name, Object key) {
        return name + "." + pathSegment(key);
    }

    private static Map<Object, DataSource> targets(AbstractRoutingDataSource routing) {
        try {
            return routing.getResolvedDataSources();
        } catch (IllegalStateException notInitialized) {
            // One that is no bean, and whose owner initializes it later: that must not stop the start.
            logger.debug("The targets of a routing data source are not known yet", notInitialized);
            return Map.of();
        }
    }

    static boolean routes(DataSource dataSource) {
        return routing(dataSource) != null;
    }

    /** The pool behind a data source that does not route. */
    static @Nullable HikariDataSource pool(DataSource dataSource) {
        return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
    }

    /** The ledger of the pool behind a data source, null if it has none. */
    static @Nullable ConnectionLedger ledger(DataSource dataSource) {
        try {
            return dataSource.isWrapperFor(ConnectionLedger.class) ? dataSource.unwrap(ConnectionLedger.class) : null;
        } catch (SQLException e) {
            logger.debug("A data source does not say whether it has a ledger", e);
            return null;
        }
    }

    /** The pool itself, without what a ledger or anybody else has put around it. */
    static HikariDataSource bare(HikariDataSource pool) {
        Object target = pool;
        while (target instanceof Advised proxy && AopProxyUtils.getSingletonTarget(proxy) != null) {
            target = AopProxyUtils.getSingletonTarget(proxy);
        }
        return target instanceof HikariDataSource bare ? bare : pool;
    }

    private static @Nullable AbstractRoutingDataSource routing(DataSource dataSource) {
        return DataSourceUnwrapper.unwrap(dataSource, AbstractRoutingDataSource.class);
    }

    private static String pathSegment(Object key) {
        return key.toString().replace('/', '-');
    }
}
