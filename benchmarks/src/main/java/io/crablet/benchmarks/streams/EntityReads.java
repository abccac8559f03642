package io.crablet.benchmarks.streams;

import io.crablet.benchmarks.Figure;
import io.crablet.benchmarks.Run;
import io.crablet.eventstore.EventStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.HdrHistogram.Histogram;

/** The small reads: the 20 events of one course, out of all courses, and the head. */
final class EntityReads {

    private final Run run;
    private final int courses;
    private final RawRead raw;
    private final EventStore store;
    private final EventStore ofStarter;

    EntityReads(Run run, int events, RawRead raw, EventStore store, EventStore ofStarter) {
        this.run = run;
        this.courses = CourseLog.courses(events);
        this.raw = raw;
        this.store = store;
        this.ofStarter = ofStarter;
    }

    private record Subject(String name, String pool, Loop.Step step, List<Double> rates, Histogram nanos) {

        Subject(String name, String pool, Loop.Step step) {
            this(name, pool, step, new ArrayList<>(), new Histogram(3));
        }
    }

    void measure() throws Exception {
        measure("read one entity", 1, reads());
        measure("read one entity", 8, reads());
        measure(
                "head",
                1,
                List.of(
                        new Subject("raw query", "plain", raw::head),
                        new Subject("crablet", "plain", store::head),
                        new Subject("crablet", "starter", ofStarter::head)));
    }

    private List<Subject> reads() {
        return List.of(
                new Subject(
                        "raw query",
                        "plain",
                        () -> require(raw.read(CourseLog.course(anyCourse()).toString())
                                .size())),
                new Subject("crablet", "plain", () -> read(store)),
                new Subject("crablet", "starter", () -> read(ofStarter)));
    }

    private void read(EventStore from) {
        require(from.read(CourseLog.eventsOfCourse(anyCourse())).events().size());
    }

    private int anyCourse() {
        return ThreadLocalRandom.current().nextInt(courses);
    }

    private static void require(int events) {
        if (events != CourseLog.EVENTS_OF_COURSE) {
            throw new IllegalStateException(events + " events of a course");
        }
    }

    private void measure(String workload, int callers, List<Subject> subjects) throws Exception {
        int rounds = run.scale().of(5, 1);
        Duration time = Duration.ofMillis(run.scale().of(1_500, 200));
        for (int round = 0; round <= rounds; round++) {
            for (Subject subject : subjects) {
                Loop.Outcome outcome = Loop.run(callers, time, subject.step());
                if (round > 0) {
                    subject.rates().add(outcome.perSecond());
                    subject.nanos().add(outcome.nanos());
                }
            }
        }
        for (Subject subject : subjects) {
            run.report()
                    .add(new Figure(
                            StreamsBenchmark.NAME,
                            workload,
                            subject.name(),
                            Map.of("pool", subject.pool(), "callers", String.valueOf(callers)),
                            "reads/s",
                            List.copyOf(subject.rates()),
                            Map.of(
                                    "p50", subject.nanos().getValueAtPercentile(50) / 1e3,
                                    "p99", subject.nanos().getValueAtPercentile(99) / 1e3)));
        }
    }
}
