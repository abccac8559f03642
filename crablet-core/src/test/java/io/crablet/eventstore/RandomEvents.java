package io.crablet.eventstore;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Events, queries and read options from alphabets so small that they often meet. The same seed makes the same ones. */
public final class RandomEvents {

    private final Random random;
    private final int types;
    private final int tagValues;

    /**
     * Creates a source.
     *
     * @param random where chance comes from
     * @param types how many different types there are
     * @param tagValues how many different values each of the two tag keys has
     */
    public RandomEvents(Random random, int types, int tagValues) {
        this.random = random;
        this.types = types;
        this.tagValues = tagValues;
    }

    /** Returns one to {@code most} events with this data. */
    public List<Event> events(int most, String data) {
        return list(1 + random.nextInt(most), () -> new Event(type(), some(3, this::tag), data, "{}"));
    }

    /** Returns a query of one to three items, in one of ten cases the one for all. */
    public Query query() {
        return random.nextInt(10) == 0 ? Query.all() : Query.of(list(1 + random.nextInt(3), this::item));
    }

    /** Returns a query of one to {@code mostItems} items, each for one or two tags and often for types, too. */
    public Query narrowQuery(int mostItems) {
        return Query.of(list(
                1 + random.nextInt(mostItems),
                () -> new QueryItem(some(2, this::type), new LinkedHashSet<>(list(1 + random.nextInt(2), this::tag)))));
    }

    /** Returns options with all bounds on and off, also beyond the head and with nothing between them. */
    public ReadOptions options(long head) {
        ReadOptions options = ReadOptions.defaults();
        if (random.nextBoolean()) {
            options = options.withAfter(position(head));
        }
        if (random.nextBoolean()) {
            options = options.withUntil(position(head));
        }
        if (random.nextBoolean()) {
            options = options.withLimit(1 + random.nextInt(random.nextBoolean() ? 5 : 50));
        }
        return random.nextBoolean() ? options.withBackwards() : options;
    }

    private long position(long head) {
        return random.nextInt(Math.toIntExact(head + 3));
    }

    private QueryItem item() {
        Set<String> someTypes = some(2, this::type);
        Set<Tag> someTags = some(2, this::tag);
        return someTypes.isEmpty() && someTags.isEmpty()
                ? QueryItem.ofTypes(type())
                : new QueryItem(someTypes, someTags);
    }

    private String type() {
        return "Type" + random.nextInt(types);
    }

    private Tag tag() {
        return Tag.of(random.nextBoolean() ? "a" : "b", Integer.toString(random.nextInt(tagValues)));
    }

    private <T> Set<T> some(int most, Supplier<T> supplier) {
        return new LinkedHashSet<>(list(random.nextInt(most + 1), supplier));
    }

    private static <T> List<T> list(int count, Supplier<T> supplier) {
        return new ArrayList<>(Stream.generate(supplier).limit(count).toList());
    }
}
