package io.crablet.pool.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.crablet.pool.postgres.ServerAddress;
import io.crablet.test.PostgresExtension;
import io.crablet.test.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@ExtendWith(PostgresExtension.class)
class HikariConnectionsTests {

    private final TestDatabase database;

    private final HikariDataSource pool = new HikariDataSource();

    HikariConnectionsTests(TestDatabase database) {
        this.database = database;
    }

    @AfterEach
    void thePoolWasNeverStarted() {
        assertThat(pool.getHikariPoolMXBean()).isNull();
    }

    @Test
    void aPoolWithAJdbcUrl() throws SQLException {
        pool.setJdbcUrl(database.jdbcUrl() + "?socketTimeout=600");
        login();
        pool.addDataSourceProperty("options", "-c statement_timeout=12345");

        assertThat(show("application_name")).isEqualTo("crablet-watch");
        assertThat(show("statement_timeout")).isEqualTo("12345ms");
    }

    @Test
    void theAddressIsTheSameHoweverItIsWritten() {
        pool.setJdbcUrl("jdbc:postgresql://DB.example/shop?ApplicationName=a&password=secret");
        assertThat(address().key()).isEqualTo("db.example:5432/shop");

        pool.setJdbcUrl("jdbc:postgresql://b:5433,a/shop?targetServerType=primary");
        assertThat(address().key()).isEqualTo("a:5432,b:5433/shop");
        assertThat(address().isOneServer()).isTrue();

        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"a", "b"});
        source.setPortNumbers(new int[] {0, 5433});
        source.setDatabaseName("shop");
        pool.setDataSource(source);
        assertThat(address().key()).isEqualTo("a:5432,b:5433/shop");
        assertThat(address().isOneServer()).isFalse();
    }

    @Test
    void anAddressThatIsNotKnownIsNone() {
        assertThat(address()).isNull();
        pool.setDataSource(new DelegatingDataSource());
        assertThat(address()).isNull();
        pool.setDataSource(null);
        pool.setJdbcUrl("jdbc:h2:mem:x");
        assertThat(address()).isNull();
    }

    private ServerAddress address() {
        return new HikariConnections(pool).address();
    }

    @Test
    void aPoolWithTheNameOfADataSourceClass() throws SQLException {
        pool.setDataSourceClassName(PGSimpleDataSource.class.getName());
        pool.addDataSourceProperty("serverName", database.server().host());
        pool.addDataSourceProperty("portNumber", database.server().port());
        pool.addDataSourceProperty("databaseName", database.name());
        login();

        assertThat(show("application_name")).isEqualTo("crablet-watch");
    }

    @Test
    void aPoolWithADataSourceThatStaysAsItIs() throws SQLException {
        PGSimpleDataSource dataSource = (PGSimpleDataSource) database.dataSource();
        pool.setDataSource(dataSource);

        assertThat(show("application_name")).isEqualTo("crablet-watch");
        assertThat(dataSource.getSocketTimeout()).isZero();
        assertThat(dataSource.getApplicationName()).isNotEqualTo("crablet-watch");
    }

    @Test
    void aPoolWithAnUnknownKindOfDataSource() throws SQLException {
        DataSource unknown = new DelegatingDataSource(database.dataSource());
        pool.setDataSource(unknown);

        assertThat(show("server_version")).isNotEmpty();
    }

    @Test
    void aPoolWithCredentialsThatChange() throws SQLException {
        pool.setJdbcUrl(database.jdbcUrl());
        pool.setCredentialsProvider(() -> Credentials.of(database.username(), database.password()));

        assertThat(show("application_name")).isEqualTo("crablet-watch");
    }

    @Test
    void aDriverThatIsNotThereIsSaidWithoutTheUrl() {
        pool.setJdbcUrl("jdbc:nothing://host/db?password=secret");

        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> show("application_name"))
                .withMessageNotContaining("secret");
    }

    @Test
    void aPoolWithNeitherIsSaid() {
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> show("application_name"))
                .withMessage("The pool has neither a JDBC URL nor a data source");
    }

    private void login() {
        pool.setUsername(database.username());
        pool.setPassword(database.password());
    }

    private String show(String setting) throws SQLException {
        try (Connection connection = new HikariConnections(pool).open(Duration.ofSeconds(2));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW " + setting)) {
            row.next();
            return row.getString(1);
        }
    }
}
