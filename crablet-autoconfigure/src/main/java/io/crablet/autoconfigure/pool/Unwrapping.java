package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Finds what is behind a data source. */
final class Unwrapping {

    private Unwrapping() {}

    /**
     * Visits a data source, or, of one that routes, each that it chooses from, under its name, a dot and its key.
     *
     * @param dataSource has been initialized if it routes
     */
    static void visit(String name, DataSource dataSource, BiConsumer<String, DataSource> visitor) {
        // First, since unwrapping a routing data source gives the target of the moment.
        AbstractRoutingDataSource routing = routing(dataSource);
        if (routing == null) {
            visitor.accept(name, dataSource);
        } else {
            routing.getResolvedDataSources()
                    .forEach((key, target) -> visit(name + "." + pathSegment(key), target, visitor));
        }
    }

    static boolean routes(DataSource dataSource) {
        return routing(dataSource) != null;
    }

    /** The pool behind a data source that does not route. */
    static @Nullable HikariDataSource pool(DataSource dataSource) {
        return DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
    }

    private static @Nullable AbstractRoutingDataSource routing(DataSource dataSource) {
        return DataSourceUnwrapper.unwrap(dataSource, AbstractRoutingDataSource.class);
    }

    private static String pathSegment(Object key) {
        return key.toString().replace('/', '-');
    }
}
