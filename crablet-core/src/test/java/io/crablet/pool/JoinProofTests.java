package io.crablet.pool;

import static io.crablet.pool.Borrows.NOW;
import static io.crablet.pool.Borrows.borrow;
import static io.crablet.pool.Borrows.ledger;
import static io.crablet.pool.Borrows.server;
import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.pool.DatabaseAnswer.Answered;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JoinProofTests {

    @Test
    void aServerThatDoesNotKnowThePoolsConnectionsIsAnother() {
        ServerSnapshot checked = checked(10, 5, NOW.minusSeconds(1));

        assertThat(checked.joinable()).isFalse();
        assertThat(checked.whyNotJoinable())
                .isEqualTo("Of the 10 connections that were borrowed when the server was asked it knows all but 5: the"
                        + " pool's address seems to stand for several servers.");
        assertThat(checked(3, 0, NOW.minusSeconds(1)).joinable()).isFalse();
    }

    @Test
    void aFewConnectionsThatSomebodyHasEndedProveNothing() {
        assertThat(checked(2, 0, NOW.minusSeconds(1)).joinable()).isTrue();
        assertThat(checked(10, 8, NOW.minusSeconds(1)).joinable()).isTrue();
        assertThat(checked(10, 7, NOW.minusSeconds(1)).joinable()).isTrue();
        assertThat(checked(300, 250, NOW.minusSeconds(1)).joinable()).isTrue();
    }

    @Test
    void whatWasBorrowedSinceTheServerWasAskedProvesNothing() {
        assertThat(checked(10, 0, NOW.minusSeconds(43)).joinable()).isTrue();
        assertThat(checked(10, 0, NOW.plusMillis(1)).joinable()).isTrue();
    }

    @Test
    void anAnswerWithoutSessionsStaysAsItIs() {
        DatabaseAnswer answer = new Answered(NOW, Duration.ZERO, "H2", "2", null);

        assertThat(JoinProof.checked(answer, ledger(borrow(1).build()))).isSameAs(answer);
    }

    private static ServerSnapshot checked(int borrowed, int known, Instant asked) {
        LedgerSnapshot ledger = ledger(IntStream.rangeClosed(1, borrowed)
                .mapToObj(pid -> borrow(pid).build())
                .toArray(BorrowedConnection[]::new));
        ServerSession[] sessions =
                IntStream.rangeClosed(1, known).mapToObj(Borrows::idle).toArray(ServerSession[]::new);
        DatabaseAnswer answer = JoinProof.checked(
                new Answered(NOW, Duration.ZERO, "PostgreSQL", "17", server(asked, true, sessions)), ledger);
        return ((Answered) answer).server();
    }
}
