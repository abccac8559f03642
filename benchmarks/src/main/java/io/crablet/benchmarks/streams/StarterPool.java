package io.crablet.benchmarks.streams;

import io.crablet.benchmarks.Server;
import io.crablet.eventstore.EventStore;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application that has the starter and nothing else: its pool has the ledger, its event store uses that pool. */
final class StarterPool implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private StarterPool(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static StarterPool open(Server server, String url) {
        return new StarterPool(new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.main.banner-mode=off",
                        "spring.datasource.url=" + url,
                        "spring.datasource.username=" + server.user(),
                        "spring.datasource.password=" + server.password(),
                        "crablet.pool.profile=low-throughput")
                .run());
    }

    EventStore eventStore() {
        return context.getBean(EventStore.class);
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
