package io.crablet.pool.ledger;

import java.lang.ref.Reference;
import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** An array of a row. One of many, so what is done with most of them is done here. */
abstract class TrackedArray extends Tracked implements Array {

    private static final Completion<TrackedArray> COMPLETION = Completion.of(TrackedArray.class);

    private final Array array;

    TrackedArray(Object array, Borrow borrow, Tracked origin) {
        super(array, borrow, origin);
        this.array = (Array) array;
    }

    static Array of(Array array, Borrow borrow, Tracked origin) {
        return COMPLETION.make(array, borrow, origin);
    }

    @Override
    public Object getArray() throws SQLException {
        beginsToWait();
        try {
            Object elements = array.getArray();
            if (!Values.isValue(elements)) {
                usage().escaped();
            }
            return elements;
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToWait();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void free() throws SQLException {
        beginsToWait();
        try {
            array.free();
        } catch (SQLException e) {
            throw explained(e);
        } finally {
            endsToWait();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    @Nullable
    Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        return value(ask(method, arguments));
    }
}
