package io.crablet.autoconfigure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.eventstore.EventStoreListener;
import io.crablet.eventstore.Query;
import io.crablet.pool.PoolStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PoolStatisticsListenerTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PoolWatchAutoConfiguration.class))
            .withPropertyValues("crablet.pool.watch.enabled=false")
            .withBean("orders", HikariDataSource.class, HikariDataSource::new);

    @Test
    void thePoolsCountersAreLoggedBeforeAndAfterARead(CapturedOutput output) {
        LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
        logging.setLogLevel(PoolStatistics.LOGGER, LogLevel.DEBUG);
        try {
            runner.run(context -> {
                EventStoreListener listener = context.getBean(PoolStatisticsListener.class);
                listener.readStarted(Query.all());
                listener.readFinished(Query.all());
            });
        } finally {
            logging.setLogLevel(PoolStatistics.LOGGER, null);
        }
        assertThat(output)
                .contains("before read pool=orders total=0 idle=0 active=0 waiting=0")
                .contains("after read pool=orders total=0 idle=0 active=0 waiting=0");
    }
}
