package io.crablet.autoconfigure.eventstore;

import io.crablet.autoconfigure.eventstore.EventStoreProperties.InitializeSchema;
import io.crablet.eventstore.BorrowLabels;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.postgres.PostgresEventStore;
import io.crablet.eventstore.postgres.PostgresSchema;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * Auto-configuration of an {@link EventStore} on the application's only, or primary, data source. Backs off where the
 * application has an {@code EventStore} of its own, and does nothing where none of its beans asks for one.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnClass({EventStore.class, PGConnection.class})
@ConditionalOnSingleCandidate(DataSource.class)
@ConditionalOnMissingBean(EventStore.class)
@ConditionalOnBooleanProperty(name = "crablet.event-store.enabled", matchIfMissing = true)
@EnableConfigurationProperties(EventStoreProperties.class)
public final class EventStoreAutoConfiguration {

    /** Created by Spring. */
    EventStoreAutoConfiguration() {}

    /**
     * Made when somebody asks for it: who only wants the pool is left alone, and has nothing of the store in the database.
     * Migration tools go first, as one of them may be what creates the schema.
     */
    @Bean
    @Lazy
    @DependsOnDatabaseInitialization
    EventStore eventStore(
            DataSource dataSource,
            EventStoreProperties properties,
            ObjectProvider<EventStoreListener> listeners,
            ObjectProvider<BorrowLabels> borrowLabels) {
        PostgresSchema schema = new PostgresSchema(dataSource, properties.schema());
        if (properties.initializeSchema() == InitializeSchema.ALWAYS) {
            schema.initialize();
        } else {
            schema.validate();
        }
        PostgresEventStore.Builder builder = PostgresEventStore.builder(dataSource)
                .schema(properties.schema())
                .readTimeout(properties.readTimeout())
                .appendTimeout(properties.appendTimeout())
                .pageSize(properties.pageSize())
                .maxEventBytes((int) properties.maxEventSize().toBytes())
                .maxBatchEvents(properties.append().maxBatchEvents())
                .maxBatchBytes((int) properties.append().maxBatchSize().toBytes())
                .maxQueuedAppends(properties.append().maxQueued())
                .groupCommit(properties.append().groupCommit());
        listeners.orderedStream().forEach(builder::listener);
        borrowLabels.ifAvailable(builder::borrowLabels);
        return builder.build();
    }
}
