package io.crablet.eventstore.postgres;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Knows Spring's data sources whose connections depend on the thread that borrows them. */
final class ThreadBoundDataSource {

    private static final Logger logger = LoggerFactory.getLogger(ThreadBoundDataSource.class);

    private ThreadBoundDataSource() {}

    static boolean is(DataSource dataSource) {
        if (dataSource instanceof AbstractRoutingDataSource || dataSource instanceof UserCredentialsDataSourceAdapter) {
            return true;
        }
        DataSource target =
                dataSource instanceof DelegatingDataSource delegating ? delegating.getTargetDataSource() : null;
        return target == null ? isAround(dataSource) : is(target);
    }

    /** Proxies of other libraries say what they are around. */
    private static boolean isAround(DataSource dataSource) {
        try {
            return dataSource.isWrapperFor(AbstractRoutingDataSource.class)
                    || dataSource.isWrapperFor(UserCredentialsDataSourceAdapter.class);
        } catch (SQLException e) {
            logger.debug("{} does not say what it is around", dataSource, e);
            return false;
        }
    }
}
