package io.crablet.eventstore.jackson;

import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * Checks that a text is one JSON value (RFC 8259), so that the error reaches the caller before the text reaches the database.
 * For implementations of {@link io.crablet.eventstore.EventStore}. No error quotes the text.
 */
public final class JsonSyntax {

    /** How deep arrays and objects may be nested. Jackson's own default, which readers of the events are likely to have. */
    public static final int MAX_NESTING = StreamReadConstraints.DEFAULT_MAX_DEPTH;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonSyntax() {}

    /**
     * Checks that a text is a JSON value.
     *
     * @param what gives how an error names the text, asked only where there is one, for example {@code "data of event 3"}
     * @param json the text
     * @throws IllegalArgumentException if it is not
     */
    public static void requireValue(Supplier<String> what, String json) {
        parse(what, json);
    }

    /**
     * Checks that a text is a JSON object.
     *
     * @param what gives how an error names the text, asked only where there is one, for example {@code "metadata of event 3"}
     * @param json the text
     * @throws IllegalArgumentException if it is not
     */
    public static void requireObject(Supplier<String> what, String json) {
        if (parse(what, json) != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException(what.get() + " is JSON, but not an object");
        }
    }

    private static JsonToken parse(Supplier<String> what, String json) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new IllegalArgumentException(what.get() + " is empty, which is not JSON");
            }
            parser.skipChildren();
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(what.get() + " goes on after its JSON value, at character "
                        + parser.currentTokenLocation().getCharOffset());
            }
            return first;
        } catch (JacksonException e) {
            // Jackson's message would quote the text, so neither it nor the exception is passed on.
            TokenStreamLocation location = e.getLocation();
            throw new IllegalArgumentException(what.get() + " is not JSON, or nested deeper than " + MAX_NESTING
                    + " levels" + (location == null ? "" : ", at character " + location.getCharOffset()));
        }
    }
}
