package io.crablet.autoconfigure.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.preinitialize.BackgroundPreinitializer;
import org.springframework.core.io.support.SpringFactoriesLoader;

class PoolBackgroundPreinitializerTests {

    @Test
    void isFoundBySpringBoot() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation().load(BackgroundPreinitializer.class))
                .hasAtLeastOneElementOfType(PoolBackgroundPreinitializer.class);
    }

    @Test
    void theClassThatItHasGeneratedIsThatOfEveryPool() {
        DataSource prepared = LedgerProxy.aroundNoPool();
        DataSource pool = LedgerProxy.around(
                new HikariDataSource(), requireNonNull(Unwrapping.ledger(LedgerProxy.aroundNoPool())));

        assertThat(pool).isInstanceOf(HikariDataSource.class).hasSameClassAs(prepared);
    }
}
