package io.crablet.eventstore.postgres;

import io.crablet.eventstore.BorrowLabels;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Borrows connections, and says meanwhile what for. */
final class LabelledConnections {

    private static final Logger logger = LoggerFactory.getLogger(LabelledConnections.class);

    private static final BorrowLabels.Scope NO_SCOPE = () -> {};

    private final DataSource dataSource;
    private final BorrowLabels labels;

    LabelledConnections(DataSource dataSource, BorrowLabels labels) {
        this.dataSource = dataSource;
        this.labels = labels;
    }

    DataSource dataSource() {
        return dataSource;
    }

    Connection borrow(Operation operation) throws SQLException {
        if (labels == BorrowLabels.NONE) {
            return dataSource.getConnection();
        }
        BorrowLabels.Scope scope = open(operation.label());
        try {
            return dataSource.getConnection();
        } finally {
            close(scope);
        }
    }

    private BorrowLabels.Scope open(String label) {
        try {
            return labels.open(label);
        } catch (RuntimeException e) {
            logger.warn("\"{}\" could not be used as a label; the event store goes on without", label, e);
            return NO_SCOPE;
        }
    }

    private static void close(BorrowLabels.Scope scope) {
        try {
            scope.close();
        } catch (RuntimeException e) {
            logger.warn("A label could not be taken back; the event store goes on", e);
        }
    }
}
