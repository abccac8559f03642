package io.crablet.eventstore.postgres;

import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/** Knows Spring's data sources whose connections depend on the thread that borrows them. */
final class ThreadBoundDataSource {

    private ThreadBoundDataSource() {}

    static boolean is(DataSource dataSource) {
        if (dataSource instanceof AbstractRoutingDataSource || dataSource instanceof UserCredentialsDataSourceAdapter) {
            return true;
        }
        DataSource target =
                dataSource instanceof DelegatingDataSource delegating ? delegating.getTargetDataSource() : null;
        return target != null && is(target);
    }
}
