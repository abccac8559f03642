package io.crablet.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarksTests {

    private final Benchmark one = new Named("one");

    private final Benchmark other = new Named("other");

    private record Named(String name) implements Benchmark {

        @Override
        public List<String> baselines() {
            return List.of("baseline");
        }

        @Override
        public void measure(Run run) {
            throw new IllegalStateException("no luck");
        }
    }

    private record Asked() implements Benchmark {

        @Override
        public String name() {
            return "asked";
        }

        @Override
        public boolean isAskedForOnly() {
            return true;
        }

        @Override
        public void measure(Run run) {}
    }

    @Test
    void thoseThatAreNamedRunInThatOrderAndAllOfThemIfNoneIs() {
        assertThat(Benchmarks.chosen(List.of(one, other), "other,one")).containsExactly(other, one);
        assertThat(Benchmarks.chosen(List.of(one, other), "")).containsExactly(one, other);
    }

    @Test
    void oneThatIsAskedForOnlyRunsIfItIsNamed() {
        Benchmark asked = new Asked();

        assertThat(Benchmarks.chosen(List.of(one, asked), "")).containsExactly(one);
        assertThat(Benchmarks.chosen(List.of(one, asked), "asked,one")).containsExactly(asked, one);
    }

    @Test
    void anUnknownNameIsRefusedWithTheNamesThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Benchmarks.chosen(List.of(one, other), "one,onne"))
                .withMessage("no benchmarks are named [onne]; there are [one, other]");
    }

    @Test
    void oneThatGoesWrongIsReportedAndDoesNotEndTheRun(@TempDir Path folder) throws Exception {
        Report report = new Report();

        Benchmarks.measure(one, new Run(null, Scale.QUICK, report));
        ResultFiles.write(folder, report.results(Samples.results().environment()));

        Results read = ResultFiles.read(folder.resolve("results.json"));
        assertThat(read.failures()).containsExactly(new Failure("one", "java.lang.IllegalStateException: no luck"));
        assertThat(read.benchmarks()).containsEntry("one", List.of("baseline"));
        assertThat(folder.resolve("results.md")).content().contains("The benchmark `one` went wrong");
    }

    @Test
    void resultsAreReadAsTheyWereWritten(@TempDir Path folder) throws Exception {
        ResultFiles.write(folder, Samples.results());

        assertThat(ResultFiles.read(folder.resolve("results.json"))).isEqualTo(Samples.results());
    }
}
