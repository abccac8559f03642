package io.crablet.benchmarks.log;

import io.crablet.eventstore.postgres.PostgresSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * The log's tables as they are, or with one thing done otherwise.
 *
 * @param name of the variant, and of its schema
 * @param changes the statements that make it out of the log as it is
 * @param data the expression for an event's data
 * @param size the column for an event's size, where the database does not find it out by itself, and a comma
 * @param keyColumns what the index of tags is made of, before the position
 * @param keyValues the expressions for that
 * @param tagged what an entry of this index, and its event, have to fulfil for a tag
 * @param typed what they have to fulfil for a type
 */
record SchemaVariant(
        String name,
        List<String> changes,
        String data,
        String size,
        String keyColumns,
        String keyValues,
        String tagged,
        String typed) {

    static final SchemaVariant PRESENT =
            new SchemaVariant("present", List.of(), "e.data::json", "", "tag", "tag", "t.tag = ?", "e.type = ?");

    /** Two tags may have the same hash, so the event's own tags decide. */
    private static final SchemaVariant HASHED_TAGS = new SchemaVariant(
            "hashed_tags",
            List.of("drop table crablet_event_tags", """
                    create table crablet_event_tags (tag bigint, position bigint, primary key (tag, position))"""),
            PRESENT.data,
            PRESENT.size,
            "tag",
            "hashtextextended(tag, 0)",
            "t.tag = hashtextextended(?, 0) and e.tags @> array[?::text]",
            PRESENT.typed);

    private static final SchemaVariant TYPE_IN_KEY = new SchemaVariant(
            "type_in_key",
            List.of("drop table crablet_event_tags", """
                    create table crablet_event_tags (
                        tag text collate "C", type text collate "C", position bigint, primary key (tag, type, position))"""),
            PRESENT.data,
            PRESENT.size,
            "tag, type",
            "tag, type",
            PRESENT.tagged,
            "t.type = ?");

    /** The size is given: to find it out, the database would have to write the data as text again. */
    private static final SchemaVariant JSONB = new SchemaVariant(
            "jsonb",
            List.of("alter table crablet_events drop column bytes", """
                    alter table crablet_events alter column data type jsonb, add column bytes integer not null"""),
            "e.data::jsonb",
            "bytes, ",
            PRESENT.keyColumns,
            PRESENT.keyValues,
            PRESENT.tagged,
            PRESENT.typed);

    static final List<SchemaVariant> ALL = List.of(PRESENT, HASHED_TAGS, TYPE_IN_KEY, JSONB);

    /** Creates it, in the schema that the connections are in. */
    void create(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create schema " + name);
            new PostgresSchema(dataSource, name).initialize();
            for (String change : changes) {
                statement.execute(change);
            }
        }
    }

    /** Parameters: the first position; types, tags as the texts of arrays, data, metadata. */
    String insert() {
        String sizeValue = size.isEmpty() ? "" : "octet_length(e.data) + octet_length(e.metadata), ";
        return """
                with appended as (
                    insert into crablet_events (position, type, tags, data, metadata, %1$soccurred_at)
                    select ? + e.ordinal - 1, e.type, e.tags::text[], %2$s, e.metadata::json, %3$sclock_timestamp()
                    from unnest(?, ?, ?, ?) with ordinality as e(type, tags, data, metadata, ordinal)
                    returning position, type, tags
                )
                insert into crablet_event_tags (%4$s, position)
                select %5$s, position from appended cross join lateral unnest(tags) as tag
                """.formatted(size, data, sizeValue, keyColumns, keyValues);
    }

    /** Parameters: the tag wherever {@link #tagged} has one. */
    String readTag() {
        return read(tagged);
    }

    /** Parameters: as {@link #readTag}, and the type. */
    String readTagAndType() {
        return read(tagged + " and " + typed);
    }

    private static String read(String condition) {
        return """
                select e.position, e.type, e.tags, e.data, e.metadata, e.occurred_at, e.bytes
                from crablet_event_tags t
                cross join lateral (select * from crablet_events where position = t.position offset 0) e
                where %s
                order by t.position
                """.formatted(condition);
    }

    int tagParameters() {
        return (int) tagged.chars().filter(c -> c == '?').count();
    }
}
