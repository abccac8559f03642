package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import io.crablet.eventstore.Tag;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a query looks like without the values of its tags, which differ from call to call and may be personal data, for example
 * {@code StudentSubscribed{course,student}}. There are as many as a program has queries in its code.
 */
final class QueryShape {

    private static final int MOST_NAMES = 3;
    private static final int MOST_ITEMS = 3;

    /** More items are not looked at: a query may have thousands, and this is done for each borrow. */
    private static final int MOST_LOOKED_AT = 20;

    private static final int MOST_CHARACTERS = 120;
    private static final String MORE = "…";

    private QueryShape() {}

    static String of(Query query) {
        if (query.isAll()) {
            return "all";
        }
        List<QueryItem> items = query.items();
        Stream<String> shapes =
                items.stream().limit(MOST_LOOKED_AT).map(QueryShape::of).distinct();
        String more = items.size() > MOST_LOOKED_AT ? MORE : "";
        return shortened(join(shapes, MOST_ITEMS, " or ") + more);
    }

    /** Returns no more of the text than a label should have, and in one line. */
    static String shortened(String text) {
        String shortened = text;
        if (text.length() > MOST_CHARACTERS) {
            int end = MOST_CHARACTERS - MORE.length();
            shortened = text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + MORE;
        }
        return shortened.chars().anyMatch(Character::isISOControl)
                ? shortened.replaceAll("\\p{Cntrl}", "?")
                : shortened;
    }

    private static String of(QueryItem item) {
        String types = join(item.types().stream(), MOST_NAMES, "|");
        if (item.tags().isEmpty()) {
            return types;
        }
        return types + "{" + join(item.tags().stream().map(Tag::key).distinct(), MOST_NAMES, ",") + "}";
    }

    /** In alphabetical order, as sets that are equal may come in different ones. */
    private static String join(Stream<String> names, int most, String separator) {
        List<String> sorted = names.sorted().toList();
        String joined = sorted.stream().limit(most).collect(Collectors.joining(separator));
        return sorted.size() > most ? joined + separator + MORE : joined;
    }
}
