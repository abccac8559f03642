package io.crablet.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crablet.pool.PoolWatch.Operation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolWatchTests {

    @AfterEach
    void nothingIsLeftBehind() {
        assertThat(PoolWatch.currentOperation()).isNull();
    }

    @Test
    void theInnerOperationCountsUntilItEnds() {
        Operation outer = PoolWatch.operation("outer");
        Operation inner = PoolWatch.operation("inner");
        assertThat(PoolWatch.currentOperation()).isEqualTo("inner");
        inner.close();
        assertThat(PoolWatch.currentOperation()).isEqualTo("outer");
        inner.close();
        assertThat(PoolWatch.currentOperation()).isEqualTo("outer");
        outer.close();
    }

    @Test
    void theOuterOperationMayEndFirst() {
        Operation first = PoolWatch.operation("first");
        Operation second = PoolWatch.operation("second");
        Operation third = PoolWatch.operation("third");
        second.close();
        assertThat(PoolWatch.currentOperation()).isEqualTo("third");
        first.close();
        assertThat(PoolWatch.currentOperation()).isEqualTo("third");
        third.close();
    }

    @Test
    void itHoldsForItsThreadAlone() {
        Operation mine = PoolWatch.operation("mine");
        CompletableFuture.runAsync(() -> {
                    assertThat(PoolWatch.currentOperation()).isNull();
                    Operation other = PoolWatch.operation("other");
                    mine.close();
                    assertThat(PoolWatch.currentOperation()).isEqualTo("other");
                    other.close();
                })
                .join();
        assertThat(PoolWatch.currentOperation()).isEqualTo("mine");
        mine.close();
    }

    @Test
    void aBlankNameIsRefused() {
        assertThatThrownBy(() -> PoolWatch.operation(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
