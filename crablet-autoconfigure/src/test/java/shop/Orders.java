package shop;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Code of an application, as the ledger sees it: in a package that is not Crablet's own. */
public final class Orders {

    private Orders() {}

    /** Borrows a connection. */
    public static Connection importOrders(DataSource dataSource) throws SQLException {
        return dataSource.getConnection();
    }

    /** Borrows another one, for a moment. */
    public static void countStock(DataSource dataSource) throws SQLException {
        dataSource.getConnection().close();
    }
}
