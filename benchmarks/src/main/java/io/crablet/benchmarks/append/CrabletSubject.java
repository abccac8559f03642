package io.crablet.benchmarks.append;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.AppendCondition;
import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadResult;
import io.crablet.eventstore.Tag;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** The store and the pool as the starter makes them in an application, with the ledger and the server watch. */
final class CrabletSubject implements Subject {

    static final String NAME = "crablet";

    private final Database database;
    private final Log log;
    private final ConfigurableApplicationContext context;
    private final EventStore store;
    private final BorrowedPeak borrowed = new BorrowedPeak();

    CrabletSubject(Database database, Log log, int poolSize) throws SQLException {
        this.database = database;
        this.log = log;
        database.createCrablet(log);
        SpringApplication application = new SpringApplication(Starter.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(Map.of(
                "spring.datasource.url",
                database.url(),
                "spring.datasource.username",
                database.server().user(),
                "spring.datasource.password",
                database.server().password(),
                "spring.datasource.hikari.maximum-pool-size",
                poolSize,
                "crablet.pool.profile",
                "none"));
        application.addInitializers(context -> context.getBeanFactory().addBeanPostProcessor(counter()));
        context = application.run();
        store = context.getBean(EventStore.class);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Starter {}

    /** Takes the place of Spring Boot's own meters of the pool, which come later and give way. */
    private BeanPostProcessor counter() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof HikariDataSource pool) {
                    borrowed.watch(pool);
                }
                return bean;
            }
        };
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long append(String entity, String other, long after) {
        Tag tag = Tag.parse(entity);
        try {
            return store.append(
                            List.of(Event.of(Payload.TYPE, Payload.DATA, tag, Tag.parse(other))),
                            new AppendCondition(ofEntity(tag), after))
                    .lastPosition();
        } catch (AppendConditionFailedException e) {
            return REFUSED;
        }
    }

    @Override
    public History read(String entity) {
        ReadResult result = store.read(ofEntity(Tag.parse(entity)));
        return new History(
                result.events().stream().map(event -> event.event().data()).toList(), result.head());
    }

    private static Query ofEntity(Tag tag) {
        return Query.of(QueryItem.ofTags(tag));
    }

    @Override
    public int borrowedPeak() {
        return borrowed.reset();
    }

    @Override
    public void reset() throws SQLException {
        database.resetCrablet(log);
    }

    @Override
    public void close() {
        context.close();
    }
}
