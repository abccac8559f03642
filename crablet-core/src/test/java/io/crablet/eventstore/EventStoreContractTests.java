package io.crablet.eventstore;

import org.junit.jupiter.api.BeforeEach;

/**
 * What every {@link EventStore} has to do, in every interleaving. To test an implementation, extend this class.
 *
 * <p>The store has to have the default limits: 10,000 events in one append, 1 MB an event.
 */
public abstract class EventStoreContractTests
        implements AppendContract,
                QueryContract,
                ReadContract,
                ConditionContract,
                LimitsContract,
                ArgumentsContract,
                RoundTripContract,
                ProjectionContract,
                ConcurrencyContract {

    private EventStore store;

    /** Returns a store whose log is empty; called before each test. */
    protected abstract EventStore emptyStore();

    @BeforeEach
    void createStore() {
        store = emptyStore();
    }

    @Override
    public final EventStore store() {
        return store;
    }
}
