package io.crablet.benchmarks.streams;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.Tag;
import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * A log of course subscriptions. Each event has two tags, of a course and of a student, every tenth a third one, and about 140
 * bytes of data and metadata. A course has {@value #EVENTS_OF_COURSE} events, all over the log.
 */
final class CourseLog {

    static final int EVENTS_OF_COURSE = 20;

    /** What every tenth event carries. */
    static final Tag CAMPUS = Tag.of("campus", "north");

    private static final String EVENTS = """
            insert into crablet_events (position, type, tags, data, metadata, occurred_at)
            select n, case when n <= ? then 'CourseDefined' else 'StudentSubscribed' end,
                   array['course:c' || n % ?, 'student:s' || n % 9973]
                       || case when n % 10 = 0 then array['campus:north'] else '{}' end,
                   json_build_object('course', 'c' || n % ?, 'student', 's' || n % 9973, 'note', 'place ' || n, 'paid', n % 3 = 0),
                   json_build_object('correlationId', md5(n::text)),
                   timestamptz '2026-01-01 00:00:00Z' + n * interval '1001 microseconds'
            from generate_series(1, ?) as n""";

    private static final String TAGS = """
            insert into crablet_event_tags (tag, position)
            select tag, position from crablet_events cross join lateral unnest(tags) as tag order by tag, position""";

    private CourseLog() {}

    /** Creates the schema and writes the events straight into its tables, as the store would have left them. */
    static void create(DataSource dataSource, int events) throws SQLException {
        new PostgresSchema(dataSource, "public").initialize();
        int courses = courses(events);
        try (Connection connection = dataSource.getConnection();
                PreparedStatement log = connection.prepareStatement(EVENTS);
                Statement statement = connection.createStatement()) {
            log.setInt(1, courses);
            log.setInt(2, courses);
            log.setInt(3, courses);
            log.setInt(4, events);
            log.executeUpdate();
            statement.executeUpdate(TAGS);
            statement.execute("vacuum analyze crablet_events, crablet_event_tags");
            statement.execute("checkpoint");
        }
    }

    static int courses(int events) {
        return events / EVENTS_OF_COURSE;
    }

    static Tag course(int number) {
        return Tag.of("course", "c" + number);
    }

    static Query eventsOfCourse(int number) {
        return Query.ofTags(course(number));
    }
}
