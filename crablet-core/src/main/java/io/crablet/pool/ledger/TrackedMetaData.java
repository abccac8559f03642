package io.crablet.pool.ledger;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import org.jspecify.annotations.Nullable;

/** The metadata of a borrowed connection. */
abstract class TrackedMetaData extends Tracked implements DatabaseMetaData {

    private static final Completion<TrackedMetaData> COMPLETION = Completion.of(TrackedMetaData.class);

    TrackedMetaData(Object metaData, Borrow borrow, Tracked connection) {
        super(metaData, borrow, connection);
    }

    static DatabaseMetaData of(Object metaData, Borrow borrow, TrackedConnection connection) {
        return COMPLETION.make(metaData, borrow, connection);
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        Object result = ask(method, arguments);
        return result instanceof Connection ? connection() : value(result);
    }
}
