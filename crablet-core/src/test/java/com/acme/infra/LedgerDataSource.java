package com.acme.infra;

import io.crablet.pool.ledger.ConnectionLedger;
import java.sql.Connection;
import java.sql.SQLException;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** An application's own way to the pool, which it does not want to see in its stacks. */
public final class LedgerDataSource extends AbstractDataSource {

    private final ConnectionLedger ledger;

    public LedgerDataSource(ConnectionLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return ledger.borrow();
    }

    @Override
    public Connection getConnection(String username, String password) {
        throw new UnsupportedOperationException();
    }
}
