package io.crablet.benchmarks.ledger;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.postgres.PostgresSessions;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import net.ttddyy.observation.tracing.DataSourceObservationListener;

/** Ways to borrow from a HikariCP pool. */
public enum Subject {

    /** HikariCP itself, with its default settings. */
    HIKARI {
        @Override
        Lending over(HikariDataSource pool) {
            return Lending.of(pool::getConnection, () -> {});
        }
    },

    /** HikariCP with its leak detection on. */
    HIKARI_LEAK_DETECTION {
        @Override
        Lending over(HikariDataSource pool) {
            pool.setLeakDetectionThreshold(TimeUnit.SECONDS.toMillis(60));
            return HIKARI.over(pool);
        }
    },

    /** The library datasource-proxy, which counts the queries. */
    DATASOURCE_PROXY {
        @Override
        Lending over(HikariDataSource pool) {
            return Lending.of(ProxyDataSourceBuilder.create(pool).countQuery().buildProxy()::getConnection, () -> {});
        }
    },

    /** The library datasource-micrometer, which observes connections and queries for meters. */
    DATASOURCE_MICROMETER {
        @Override
        Lending over(HikariDataSource pool) {
            ObservationRegistry observations = ObservationRegistry.create();
            observations
                    .observationConfig()
                    .observationHandler(new DefaultMeterObservationHandler(new SimpleMeterRegistry()));
            DataSourceObservationListener listener = new DataSourceObservationListener(observations);
            return Lending.of(
                    ProxyDataSourceBuilder.create(pool)
                            .listener(listener)
                            .methodListener(listener)
                            .buildProxy()::getConnection,
                    () -> {});
        }
    },

    /** Crablet's ledger, without Spring. */
    LEDGER_CORE {
        @Override
        Lending over(HikariDataSource pool) {
            ConnectionLedger ledger = new ConnectionLedger(
                    new HikariLendingPool("stub", pool),
                    new PostgresSessions(),
                    BorrowContext.DEFAULT,
                    LedgerSettings.DEFAULTS);
            ledger.start();
            return Lending.of(ledger::borrow, ledger::close);
        }
    },

    /** Crablet's ledger, as the starter puts it around the pool of an application that has meters and observations. */
    CRABLET {
        @Override
        Lending over(HikariDataSource pool) {
            return WiredPool.around(pool);
        }
    };

    /** Puts this around a pool that is not started yet. Whoever closes it closes the pool. */
    abstract Lending over(HikariDataSource pool);

    String inWords() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
