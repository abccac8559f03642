package io.crablet.eventstore.postgres;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.EventStoreContractTests;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract, with pages so small that most streams have several. */
@ExtendWith(PostgresExtension.class)
class PostgresEventStoreTests extends EventStoreContractTests {

    private final TestLog log;

    PostgresEventStoreTests(TestDatabase database) {
        log = new TestLog(database);
    }

    @Override
    protected EventStore emptyStore() {
        return log.storeBuilder().pageSize(15).build();
    }

    @AfterEach
    void nothingIsHeld() {
        log.backends().assertNothingHeld();
        log.close();
    }
}
