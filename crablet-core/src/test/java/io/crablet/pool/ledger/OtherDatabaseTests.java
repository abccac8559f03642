package io.crablet.pool.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.postgres.PostgresSessions;
import java.io.IOException;
import java.io.Reader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A driver that gives away more than PostgreSQL's does. */
class OtherDatabaseTests {

    private final HikariDataSource pool = new HikariDataSource();

    private Server server;

    private ConnectionLedger ledger;

    @BeforeEach
    void start() throws SQLException {
        server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        pool.setJdbcUrl("jdbc:h2:tcp://localhost:" + server.getPort() + "/mem:other");
        pool.setMaximumPoolSize(2);
        ledger = new ConnectionLedger(
                new HikariLendingPool("other", pool),
                new PostgresSessions(),
                BorrowContext.DEFAULT,
                LedgerSettings.DEFAULTS);
        ledger.start();
        try (Connection connection = ledger.borrow()) {
            connection
                    .createStatement()
                    .execute("create table files (content blob, text clob, id uuid, tags varchar array)");
            PreparedStatement insert =
                    connection.prepareStatement("insert into files values (?, ?, random_uuid(), array['a', 'b'])");
            insert.setBytes(1, new byte[1_000_000]);
            insert.setString(2, "x".repeat(1_000_000));
            insert.execute();
        }
    }

    @AfterEach
    void stop() {
        ledger.close();
        pool.close();
        server.stop();
    }

    @Test
    void aProgramThatKeepsOnlyAReader() throws SQLException {
        Reader text = row(ledger.borrow()).getCharacterStream("text");
        assertKept(text::read);
    }

    interface Reading {
        int read() throws IOException;
    }

    private void assertKept(Reading kept) {
        await().during(Duration.ofSeconds(1)).until(() -> {
            Collector.collect();
            return kept.read() >= 0 && ledger.snapshot().leaks() == 0;
        });
        assertThat(ledger.snapshot().borrowed()).hasSize(1);
    }

    @Test
    void whatIsReadAtOnceKeepsNothing() throws SQLException {
        readAndForget();
        await().until(() -> {
            Collector.collect();
            return ledger.snapshot().leaksReclaimed() == 1;
        });
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    private void readAndForget() throws SQLException {
        ResultSet row = row(ledger.borrow());
        assertThat(row.getObject("id")).isNotNull();
        assertThat(row.getBytes("content")).hasSize(1_000_000);
        assertThat((Object[]) row.getArray("tags").getArray()).containsExactly("a", "b");
    }

    private static ResultSet row(Connection connection) throws SQLException {
        ResultSet rows = connection.createStatement().executeQuery("select * from files");
        assertThat(rows.next()).isTrue();
        return rows;
    }
}
