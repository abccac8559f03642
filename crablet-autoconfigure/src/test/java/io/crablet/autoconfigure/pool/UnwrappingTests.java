package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

class UnwrappingTests {

    private final HikariDataSource pool = new HikariDataSource();
    private final AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
        @Override
        protected @Nullable Object determineCurrentLookupKey() {
            return "a";
        }
    };
    private final Map<String, DataSource> visited = new HashMap<>();

    UnwrappingTests() {
        routing.setTargetDataSources(Map.of("a", pool));
    }

    @Test
    void theTargetsOfARoutingDataSourceAreVisitedThroughAWrapperToo() {
        routing.afterPropertiesSet();
        Unwrapping.visit("tenants", new DelegatingDataSource(routing), visited::put);
        assertThat(visited).containsOnly(Map.entry("tenants.a", pool));
    }

    @Test
    void oneThatItsOwnerInitializesLaterDoesNotStopTheStart() {
        Unwrapping.visit("tenants", new DelegatingDataSource(routing), visited::put);
        assertThat(visited).isEmpty();
    }
}
