package io.crablet.eventstore.postgres;

import io.crablet.eventstore.Query;
import io.crablet.eventstore.QueryItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
        if (items.size() == 1) {
            return shortened(of(items.get(0)));
        }
        List<String> shapes =
                items.stream().limit(MOST_LOOKED_AT).map(QueryShape::of).toList();
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
        for (int i = 0; i < shortened.length(); i++) {
            if (Character.isISOControl(shortened.charAt(i))) {
                return shortened.replaceAll("\\p{Cntrl}", "?");
            }
        }
        return shortened;
    }

    private static String of(QueryItem item) {
        String types = join(item.types(), MOST_NAMES, "|");
        if (item.tags().isEmpty()) {
            return types;
        }
        List<String> keys = new ArrayList<>(item.tags().size());
        item.tags().forEach(tag -> keys.add(tag.key()));
        return types + "{" + join(keys, MOST_NAMES, ",") + "}";
    }

    /** In alphabetical order, as sets that are equal may come in different ones, and each once. */
    private static String join(Collection<String> names, int most, String separator) {
        if (names.size() == 1) {
            return names.iterator().next();
        }
        Set<String> sorted = new TreeSet<>(names);
        String joined = sorted.stream().limit(most).collect(Collectors.joining(separator));
        return sorted.size() > most ? joined + separator + MORE : joined;
    }
}
