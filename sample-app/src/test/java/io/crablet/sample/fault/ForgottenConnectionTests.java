package io.crablet.sample.fault;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crablet.sample.SampleTest;
import io.crablet.sample.fault.PoolPage.Row;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
@ActiveProfiles("faults")
@TestPropertySource(properties = "crablet.pool.watch.reclaim-leaked=false")
@DirtiesContext
class ForgottenConnectionTests {

    @Autowired
    RestTestClient client;

    @Test
    void whereTheyAreNotTakenBackThePageNamesThemAndAnOperatorTakesThemBack(
            @Autowired DataSource dataSource, @Autowired JdbcConnectionDetails database) throws Exception {
        PoolPage page = new PoolPage(client, dataSource, database);

        client.post()
                .uri("/faults/forgotten-connection?count=2")
                .exchange()
                .expectStatus()
                .isAccepted();

        await().atMost(20, SECONDS)
                .untilAsserted(() -> assertThat(page.borrowed()).hasSize(2).allSatisfy(row -> {
                    assertThat(row.cause()).isEqualTo("forgotten");
                    assertThat(row.grade()).isEqualTo("leaked");
                    assertThat(row.operation()).isEqualTo("fault: forgotten-connection");
                    assertThat(row.isAt(ForgottenConnection.class))
                            .as(row.site())
                            .isTrue();
                }));
        assertThat(page.borrowed())
                .extracting(Row::backendPid)
                .containsExactlyInAnyOrderElementsOf(page.backends("query like '%forgotten%'"));
        for (Row row : page.borrowed()) {
            page.operate("{\"operation\":\"reclaim\",\"id\":" + row.id() + "}")
                    .expectStatus()
                    .isOk();
        }
        await().atMost(20, SECONDS).until(page::showsNothingBorrowed);
    }
}
