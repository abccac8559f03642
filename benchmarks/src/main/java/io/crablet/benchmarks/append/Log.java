package io.crablet.benchmarks.append;

/**
 * A log as it is before the appends that are measured: the events of its entities lie side by side, as if all entities had grown at
 * the same time.
 *
 * @param entities how many there are
 * @param events how many there are of all of them
 */
record Log(int entities, int events) {

    /** How many events have the same second tag: one in so many. */
    private static final int OTHERS = 100;

    /** Selects position, type, tags, data and metadata of all events. */
    String sql() {
        return """
                select position, '%s' as type, array['entity:e' || position %% %d, 'region:r' || position %% %d] as tags,
                    '%s' as data, '%s' as metadata
                from generate_series(1, %d) as position
                """.formatted(Payload.TYPE, entities, OTHERS, Payload.DATA, Payload.METADATA, events);
    }

    /** Returns the position of an entity's last event. */
    long head(int entity) {
        return events - Math.floorMod(events - entity, entities);
    }

    /** Returns the tag of an entity. */
    static String entity(long number) {
        return "entity:e" + number;
    }

    /** Returns a tag that many entities have. */
    static String other(long number) {
        return "region:r" + Math.floorMod(number, OTHERS);
    }
}
