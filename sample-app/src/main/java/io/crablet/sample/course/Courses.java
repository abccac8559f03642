package io.crablet.sample.course;

import io.crablet.eventstore.AppendConditionFailedException;
import io.crablet.eventstore.AppendResult;
import io.crablet.eventstore.DecisionModel;
import io.crablet.eventstore.Event;
import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Projector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Service;

/**
 * The commands on courses. Each projects what its rules depend on, decides, and appends under the condition that nothing of
 * it has changed since; if something has, it decides again.
 */
@Service
final class Courses {

    static final int MAX_COURSES_OF_A_STUDENT = 10;

    private final EventStore store;
    private final CourseEvents events;
    private final RetryTemplate retry;

    /**
     * Retries are bounded by time, not by number: of many who want the last seats one wins in each round, so that everybody else
     * may lose as many rounds as there are seats. The jitter spreads them, so that they do not meet again.
     *
     * @param retryFor time after which the loser of all rounds gives up
     */
    Courses(EventStore store, CourseEvents events, @Value("${sample.courses.retry-for:15s}") Duration retryFor) {
        this.store = store;
        this.events = events;
        this.retry = new RetryTemplate(RetryPolicy.builder()
                .includes(AppendConditionFailedException.class)
                .maxRetries(Long.MAX_VALUE)
                .timeout(retryFor)
                .delay(Duration.ofMillis(10))
                .jitter(Duration.ofMillis(10))
                .multiplier(1.5)
                .maxDelay(Duration.ofMillis(100))
                .build());
    }

    Course define(String course, int capacity) {
        return decide(() -> {
            Projector<Optional<Integer>> current = events.capacity(course);
            DecisionModel model = store.project(current);
            if (model.state(current).isPresent()) {
                throw Refusal.COURSE_EXISTS.because("Course '" + course + "' exists already");
            }
            return new Course(course, capacity, 0, append(events.defined(course, capacity), model));
        });
    }

    Course changeCapacity(String course, int capacity) {
        return decide(() -> {
            Projector<Optional<Integer>> current = events.capacity(course);
            Projector<Integer> taken = events.seatsTaken(course);
            DecisionModel model = store.project(current, taken);
            int before = requireKnown(course, model.state(current));
            int subscribed = model.state(taken);
            if (capacity < subscribed) {
                throw Refusal.CAPACITY_BELOW_SUBSCRIBED.because(
                        subscribed + " are subscribed to course '" + course + "', more than " + capacity);
            }
            long position = capacity == before
                    ? model.appendCondition().after()
                    : append(events.capacityChanged(course, capacity), model);
            return new Course(course, capacity, subscribed, position);
        });
    }

    Subscription subscribe(String course, String student) {
        return decide(() -> {
            Projector<Optional<Integer>> capacity = events.capacity(course);
            Projector<Integer> taken = events.seatsTaken(course);
            Projector<Integer> courses = events.coursesOf(student);
            Projector<Boolean> subscribed = events.isSubscribed(course, student);
            DecisionModel model = store.project(capacity, taken, courses, subscribed);
            int seats = requireKnown(course, model.state(capacity));
            if (model.state(subscribed)) {
                throw Refusal.ALREADY_SUBSCRIBED.because(
                        "Student '" + student + "' is subscribed to course '" + course + "' already");
            }
            if (model.state(taken) >= seats) {
                throw Refusal.COURSE_FULL.because("Course '" + course + "' is full: all " + seats + " seats are taken");
            }
            if (model.state(courses) >= MAX_COURSES_OF_A_STUDENT) {
                throw Refusal.TOO_MANY_COURSES.because("Student '" + student + "' is subscribed to "
                        + model.state(courses) + " courses, the limit is " + MAX_COURSES_OF_A_STUDENT);
            }
            return new Subscription(course, student, append(events.subscribed(course, student), model));
        });
    }

    void unsubscribe(String course, String student) {
        decide(() -> {
            Projector<Optional<Integer>> capacity = events.capacity(course);
            Projector<Boolean> subscribed = events.isSubscribed(course, student);
            DecisionModel model = store.project(capacity, subscribed);
            requireKnown(course, model.state(capacity));
            if (!model.state(subscribed)) {
                throw Refusal.NOT_SUBSCRIBED.because(
                        "Student '" + student + "' is not subscribed to course '" + course + "'");
            }
            return append(events.unsubscribed(course, student), model);
        });
    }

    Course get(String course) {
        Projector<Optional<Integer>> capacity = events.capacity(course);
        Projector<Integer> taken = events.seatsTaken(course);
        DecisionModel model = store.project(capacity, taken);
        return new Course(
                course,
                requireKnown(course, model.state(capacity)),
                model.state(taken),
                model.appendCondition().after());
    }

    private <T> T decide(Supplier<T> decision) {
        return retry.invoke(decision);
    }

    private long append(Event event, DecisionModel model) {
        AppendResult result = store.append(List.of(event), model.appendCondition());
        return result.head();
    }

    private static int requireKnown(String course, Optional<Integer> capacity) {
        return capacity.orElseThrow(() -> Refusal.COURSE_UNKNOWN.because("There is no course '" + course + "'"));
    }
}
