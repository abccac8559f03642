package io.crablet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkdownTests {

    private final Results results = Samples.results();

    @Test
    void eachFigureHasARowWithItsRatioToTheBaselineMeasuredBesideIt() {
        assertThat(Markdown.benchmark(results, "append")).isEqualTo("""
                **conditional append**

                | callers | subject | median | unit | lowest to highest | p99 (µs) | ratio |
                | ---: | --- | ---: | --- | ---: | ---: | ---: |
                | 1 | crablet | 1,100 | events/s | 1,000 to 1,200 | 12.3 | 1.10 × one by one |
                | 1 | one by one | 1,000 | events/s |  | 12.3 | baseline |
                | 8 | crablet | 6,000 | events/s |  | 12.3 | 3 × one by one |
                | 8 | one by one | 2,000 | events/s |  | 12.3 | baseline |
                | 64 | crablet | 24,690 | events/s |  | 12.3 |  |
                | 64 | ceiling | 60,000 | events/s |  | 12.3 |  |
                """);
    }

    @Test
    void targetsSayWhetherTheyWereReachedAndFailuresAreNotHidden() {
        assertThat(Markdown.targets(results))
                .contains("| append | twice as fast | callers 8 | ≥ 2 | 3 | reached |\n")
                .contains("| append | added latency |  | ≤ 1.05 | 1.20 | **MISSED** |\n")
                .contains("The benchmark `decide` went wrong, its figures are not complete: it broke");
    }

    @Test
    void theWholeNamesTheMachineTheVersionsAndTheSettings() {
        assertThat(Markdown.of(results))
                .contains("| machine | cores 2 |", "| versions | JDK 17 |", "| PostgreSQL's settings | fsync on |");
    }
}
