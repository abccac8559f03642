package io.crablet.benchmarks.append;

import java.util.List;

/** A way to append. Thread-safe. */
interface Subject extends AutoCloseable {

    /** Returns its name in the tables. */
    String name();

    /**
     * Appends an event with the entity's tag, if there is no other one with this tag after a position.
     *
     * @param entity the event's tag
     * @param other another tag of the event
     * @return the event's position, or {@link #REFUSED}
     */
    long append(String entity, String other, long after) throws Exception;

    /** Instead of a position. */
    long REFUSED = -1;

    /**
     * Reads the data of all events of an entity.
     *
     * @return them, and what {@link #append} takes as {@code after}
     */
    History read(String entity) throws Exception;

    /** Returns the most connections that were borrowed at one time since the last call. */
    int borrowedPeak();

    /** Takes away what was appended to the log. */
    void reset() throws Exception;

    /** Events of an entity. */
    record History(List<String> data, long after) {}

    @Override
    void close();
}
