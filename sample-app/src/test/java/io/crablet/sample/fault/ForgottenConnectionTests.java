package io.crablet.sample.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.sample.SampleTest;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
@ActiveProfiles("faults")
@DirtiesContext
class ForgottenConnectionTests {

    @Autowired
    RestTestClient client;

    @Test
    void theAnswerSaysThatNobodyCanReturnTheConnections(@Autowired DataSource dataSource) throws Exception {
        HikariDataSource pool = dataSource.unwrap(HikariDataSource.class);

        client.post()
                .uri("/faults/forgotten-connection?count=2&seconds=1")
                .exchange()
                .expectStatus()
                .isAccepted()
                .expectBody()
                .jsonPath("$.effect")
                .value(String.class, effect -> assertThat(effect).contains("lost until the application is restarted"));

        await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 2);
    }
}
