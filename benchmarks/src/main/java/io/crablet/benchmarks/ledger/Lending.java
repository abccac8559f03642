package io.crablet.benchmarks.ledger;

import java.sql.Connection;
import java.sql.SQLException;

/** Lends connections until it is closed. */
interface Lending extends AutoCloseable {

    Connection borrow() throws SQLException;

    @Override
    void close();

    /** Where connections come from. */
    interface Source {
        Connection borrow() throws SQLException;
    }

    static Lending of(Source source, Runnable close) {
        return new Lending() {
            @Override
            public Connection borrow() throws SQLException {
                return source.borrow();
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
