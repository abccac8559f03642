package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.Connection;
import org.jspecify.annotations.Nullable;

/** The metadata of a borrowed connection. */
final class TrackedMetaData extends Tracked {

    private final Connection connection;

    TrackedMetaData(Object metaData, Borrow borrow, Connection connection) {
        super(metaData, borrow);
        this.connection = connection;
    }

    @Override
    @Nullable
    Object call(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        Object result = ask(method, arguments);
        return result instanceof Connection ? connection : value(connection, proxy, result);
    }
}
