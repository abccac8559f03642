package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseFailureTests {

    @ParameterizedTest
    @CsvSource({
        "08001, CONNECTION",
        "08006, CONNECTION",
        "08P01, OTHER",
        "57P01, NOT_ACCEPTING",
        "57P03, NOT_ACCEPTING",
        "57014, SLOW",
        "53300, NO_SLOT",
        "28P01, LOGIN",
        "28000, LOGIN",
        "3D000, OTHER",
    })
    void theSqlStateTellsTheKind(String sqlState, DatabaseFailure kind) {
        assertThat(DatabaseFailure.of(new SQLException("", sqlState))).isEqualTo(kind);
    }

    @Test
    void aReadThatTimedOutIsATimeoutWhateverItsSqlState() {
        assertThat(DatabaseFailure.of(new SQLException("", "08006", new SocketTimeoutException())))
                .isEqualTo(DatabaseFailure.TIMEOUT);
        assertThat(DatabaseFailure.of(new SQLTimeoutException())).isEqualTo(DatabaseFailure.TIMEOUT);
    }

    @Test
    void withoutSqlStateThereIsNoConnection() {
        assertThat(DatabaseFailure.of(new SQLException(new IllegalStateException())))
                .isEqualTo(DatabaseFailure.CONNECTION);
    }
}
