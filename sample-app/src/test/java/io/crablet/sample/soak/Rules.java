package io.crablet.sample.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.crablet.eventstore.EventStore;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.SequencedEvent;
import io.crablet.eventstore.Tag;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Goes through the log, event by event, and checks that the rules of the sample have held after each. */
final class Rules {

    private static final int MOST_COURSES = 10;

    private final Map<String, Integer> capacities = new HashMap<>();
    private final Map<String, Set<String>> studentsOfCourse = new HashMap<>();
    private final Map<String, Set<String>> coursesOfStudent = new HashMap<>();
    private final Set<String> claimed = new HashSet<>();
    private final JsonMapper json = new JsonMapper();
    private long position;

    /** Returns how many events there are. */
    static long check(EventStore store) {
        Rules rules = new Rules();
        try (Stream<SequencedEvent> events = store.stream(Query.all())) {
            events.forEach(rules::check);
        }
        return rules.position;
    }

    private void check(SequencedEvent event) {
        assertThat(event.position()).isEqualTo(++position);
        String course = tag(event, "course");
        String student = tag(event, "student");
        switch (event.event().type()) {
            case "CourseDefined", "CourseCapacityChanged" ->
                capacities.put(
                        course,
                        json.readTree(event.event().data()).get("capacity").asInt());
            case "StudentSubscribed" -> {
                assertThat(students(course).add(student)).as("subscribed once").isTrue();
                assertThat(courses(student).add(course)).isTrue();
            }
            case "StudentUnsubscribed" -> {
                assertThat(students(course).remove(student)).isTrue();
                assertThat(courses(student).remove(course)).isTrue();
            }
            case Interrupted.TYPE ->
                assertThat(claimed.add(tag(event, "token"))).as("claimed once").isTrue();
            default -> throw new AssertionError("Unexpected event " + event);
        }
        assertThat(students(course).size())
                .as("students of course %s at position %d", course, position)
                .isLessThanOrEqualTo(capacities.getOrDefault(course, 0));
        assertThat(courses(student)).hasSizeLessThanOrEqualTo(MOST_COURSES);
    }

    private Set<String> students(String course) {
        return studentsOfCourse.computeIfAbsent(course, any -> new HashSet<>());
    }

    private Set<String> courses(String student) {
        return coursesOfStudent.computeIfAbsent(student, any -> new HashSet<>());
    }

    private static String tag(SequencedEvent event, String key) {
        return event.event().tags().stream()
                .filter(tag -> tag.key().equals(key))
                .map(Tag::value)
                .findFirst()
                .orElse("none");
    }
}
