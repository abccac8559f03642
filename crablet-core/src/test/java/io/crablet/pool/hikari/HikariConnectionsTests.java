package io.crablet.pool.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
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
