package io.crablet.sample.event;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.ReadOptions;
import io.crablet.eventstore.Tag;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ResponseStatusException;

/**
 * Which events a client asks for: of any of the types, with all of the tags, after a position.
 *
 * @param query the types and tags
 * @param options the position and the limit
 */
record EventSelection(Query query, ReadOptions options) {

    private static final String TYPE = "type";
    private static final String TAG = "tag";
    private static final String AFTER = "after";
    private static final String LIMIT = "limit";
    private static final Set<String> PARAMETERS = Set.of(TYPE, TAG, AFTER, LIMIT);

    /**
     * Reads the parameters of a request. One without a value counts as not given.
     *
     * @param parameters all of the request's; a map, because Spring would split the text of a list at its commas
     * @param lastEventId the position that a client which comes back has seen last; takes the place of {@code after}
     * @throws ResponseStatusException 400 that says what is wrong with them
     */
    static EventSelection of(MultiValueMap<String, String> parameters, @Nullable String lastEventId) {
        parameters.keySet().stream().filter(name -> !PARAMETERS.contains(name)).forEach(EventSelection::refuseUnknown);
        try {
            ReadOptions options = options(parameters);
            return new EventSelection(
                    query(parameters),
                    StringUtils.hasText(lastEventId)
                            ? options.withAfter(number("Last-Event-ID", lastEventId))
                            : options);
        } catch (IllegalArgumentException e) {
            throw badRequest(String.valueOf(e.getMessage()), e);
        }
    }

    private static long number(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw badRequest(name + " is '" + text + "', which is not a whole number", e);
        }
    }

    private static Query query(MultiValueMap<String, String> parameters) {
        Set<String> types = new LinkedHashSet<>(values(parameters, TYPE));
        Set<Tag> tags =
                values(parameters, TAG).stream().map(Tag::parse).collect(Collectors.toCollection(LinkedHashSet::new));
        return types.isEmpty() && tags.isEmpty() ? Query.all() : Query.of(new QueryItem(types, tags));
    }

    private static ReadOptions options(MultiValueMap<String, String> parameters) {
        ReadOptions options = ReadOptions.defaults();
        String after = single(parameters, AFTER);
        if (after != null) {
            options = options.withAfter(number(AFTER, after));
        }
        String limit = single(parameters, LIMIT);
        return limit == null ? options : options.withLimit(number(LIMIT, limit));
    }

    private static @Nullable String single(MultiValueMap<String, String> parameters, String name) {
        List<String> values = values(parameters, name);
        if (values.size() > 1) {
            throw badRequest(name + " is given " + values.size() + " times", null);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private static List<String> values(MultiValueMap<String, String> parameters, String name) {
        return parameters.getOrDefault(name, List.of()).stream()
                .filter(StringUtils::hasText)
                .toList();
    }

    private static void refuseUnknown(String name) {
        throw badRequest("Unknown parameter '" + name + "'; there are type, tag, after and limit", null);
    }

    private static ResponseStatusException badRequest(String detail, @Nullable Throwable cause) {
        return new ResponseStatusException(HttpStatus.BAD_REQUEST, detail, cause);
    }
}
