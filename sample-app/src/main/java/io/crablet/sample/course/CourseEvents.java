package io.crablet.sample.course;

import io.crablet.eventstore.Event;
import io.crablet.eventstore.Projector;
import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The events of courses: how they are written, and what can be known from them. */
@Component
final class CourseEvents {

    private static final String DEFINED = "CourseDefined";
    private static final String CAPACITY_CHANGED = "CourseCapacityChanged";
    private static final String SUBSCRIBED = "StudentSubscribed";
    private static final String UNSUBSCRIBED = "StudentUnsubscribed";

    private final JsonMapper json;

    CourseEvents(JsonMapper json) {
        this.json = json;
    }

    Event defined(String course, int capacity) {
        return Event.of(DEFINED, write(new Capacity(course, capacity)), courseTag(course));
    }

    Event capacityChanged(String course, int capacity) {
        return Event.of(CAPACITY_CHANGED, write(new Capacity(course, capacity)), courseTag(course));
    }

    Event subscribed(String course, String student) {
        return subscription(SUBSCRIBED, course, student);
    }

    Event unsubscribed(String course, String student) {
        return subscription(UNSUBSCRIBED, course, student);
    }

    /** How many seats the course has; empty as long as there is no such course. */
    Projector<Optional<Integer>> capacity(String course) {
        return Projector.of(
                events(courseTag(course), DEFINED, CAPACITY_CHANGED),
                Optional.empty(),
                (before, event) -> Optional.of(
                        json.readValue(event.event().data(), Capacity.class).capacity()));
    }

    /** How many students are subscribed to the course. */
    Projector<Integer> seatsTaken(String course) {
        return subscriptions(courseTag(course));
    }

    /** How many courses the student is subscribed to. */
    Projector<Integer> coursesOf(String student) {
        return subscriptions(studentTag(student));
    }

    /** Whether the student is subscribed to the course. */
    Projector<Boolean> isSubscribed(String course, String student) {
        return Projector.of(
                Query.of(QueryItem.ofTypes(SUBSCRIBED, UNSUBSCRIBED).withTags(courseTag(course), studentTag(student))),
                false,
                (before, event) -> event.event().type().equals(SUBSCRIBED));
    }

    private Event subscription(String type, String course, String student) {
        return Event.of(type, write(new Subscription(course, student)), courseTag(course), studentTag(student));
    }

    private static Projector<Integer> subscriptions(Tag tag) {
        return Projector.of(
                events(tag, SUBSCRIBED, UNSUBSCRIBED),
                0,
                (before, event) -> event.event().type().equals(SUBSCRIBED) ? before + 1 : before - 1);
    }

    private static Query events(Tag tag, String... types) {
        return Query.of(QueryItem.ofTypes(types).withTags(tag));
    }

    private static Tag courseTag(String course) {
        return Tag.of("course", course);
    }

    private static Tag studentTag(String student) {
        return Tag.of("student", student);
    }

    private String write(Object data) {
        return json.writeValueAsString(data);
    }

    private record Capacity(String course, int capacity) {}

    private record Subscription(String course, String student) {}
}
