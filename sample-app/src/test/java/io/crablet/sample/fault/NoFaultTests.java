package io.crablet.sample.fault;

import io.crablet.sample.SampleTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class NoFaultTests {

    @Autowired
    RestTestClient client;

    @Test
    void withoutTheProfileThereAreNoFaults() {
        client.post().uri("/faults/slow-query").exchange().expectStatus().isNotFound();
    }
}
