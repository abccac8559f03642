package io.crablet.eventstore;

import java.util.List;
import java.util.stream.Stream;

/**
 * An append-only log of events whose appends can depend on what has, and has not, happened before.
 *
 * <p>Called inside a Spring-managed transaction on the same {@code DataSource}, every operation takes part in it: appends
 * commit and roll back with it, reads see them before that. Otherwise each append is a transaction of its own.
 *
 * <p>Thread-safe. Unless said otherwise, a null argument is a {@link NullPointerException}, an argument outside the limits an
 * {@link IllegalArgumentException} that names the limit, and a failure of the database one of Spring's
 * {@link org.springframework.dao.DataAccessException}s. Whatever is thrown, nothing is half-written and no connection is
 * held.
 */
public interface EventStore {

    /**
     * Appends events, whatever has happened.
     *
     * @param events at least one
     * @return their positions
     * @throws org.springframework.dao.ConcurrencyFailureException if the caller's transaction sees an old state of the log
     *     (REPEATABLE READ or SERIALIZABLE): retry the transaction
     * @throws org.springframework.dao.CannotAcquireLockException if other appends kept this one waiting for longer than the
     *     append timeout
     */
    AppendResult append(List<Event> events);

    /**
     * Appends events, unless an event matches the condition.
     *
     * @param events at least one
     * @param condition what must not have happened
     * @return their positions
     * @throws AppendConditionFailedException if an event matches the condition
     * @throws IllegalArgumentException also if the condition's {@code after} is beyond the head of the log
     * @throws org.springframework.dao.ConcurrencyFailureException if the caller's transaction sees an old state of the log
     *     (REPEATABLE READ or SERIALIZABLE): retry the transaction
     * @throws org.springframework.dao.CannotAcquireLockException if other appends kept this one waiting for longer than the
     *     append timeout
     */
    AppendResult append(List<Event> events, AppendCondition condition);

    /**
     * Reads all matching events into memory.
     *
     * @param query which events
     * @return the events, and the head at which they are all
     */
    default ReadResult read(Query query) {
        return read(query, ReadOptions.defaults());
    }

    /**
     * Reads matching events into memory.
     *
     * @param query which events
     * @param options which part of them, and in which order
     * @return the events, and the head of the log at which they were read
     * @throws org.springframework.dao.QueryTimeoutException if it took longer than the timeout
     */
    ReadResult read(Query query, ReadOptions options);

    /**
     * Streams all matching events, {@linkplain StreamMode#PAGED page by page}.
     *
     * @param query which events
     * @return a sequential stream of the events up to the head at the time of its terminal operation
     */
    default Stream<SequencedEvent> stream(Query query) {
        return stream(query, ReadOptions.defaults(), StreamMode.PAGED);
    }

    /**
     * Streams matching events, {@linkplain StreamMode#PAGED page by page}.
     *
     * @param query which events
     * @param options which part of them, and in which order
     * @return a sequential stream of the events up to the head at the time of its terminal operation
     */
    default Stream<SequencedEvent> stream(Query query, ReadOptions options) {
        return stream(query, options, StreamMode.PAGED);
    }

    /**
     * Streams matching events. Nothing is read before the terminal operation. To be used by one thread at a time; to be
     * closed, best by try-with-resources.
     *
     * @param query which events
     * @param options which part of them, and in which order
     * @param mode how they come from the database
     * @return a sequential stream, whose operations throw {@link org.springframework.dao.QueryTimeoutException} if the
     *     timeout is exceeded
     */
    Stream<SequencedEvent> stream(Query query, ReadOptions options, StreamMode mode);

    /**
     * Folds the events of one or several projectors in one pass.
     *
     * @param projectors at least one
     * @return their states, and the condition for an append that follows from them
     */
    default DecisionModel project(Projector<?>... projectors) {
        return project(List.of(projectors), ReadOptions.defaults());
    }

    /**
     * Folds the events of one or several projectors in one pass.
     *
     * @param projectors at least one
     * @param options which part of the events; with {@code until}, states and condition are those of that position. A limit
     *     and reading backwards make no sense here and are refused
     * @return their states, and the condition for an append that follows from them
     */
    DecisionModel project(List<? extends Projector<?>> projectors, ReadOptions options);

    /**
     * Streams the states after each event, {@linkplain StreamMode#PAGED page by page}.
     *
     * @param projectors at least one
     * @return a sequential stream, to be closed as the one of {@link #stream(Query)}
     */
    default Stream<ProjectionStep> projectStream(Projector<?>... projectors) {
        return projectStream(List.of(projectors), ReadOptions.defaults(), StreamMode.PAGED);
    }

    /**
     * Streams the states after each event.
     *
     * @param projectors at least one
     * @param options which part of the events, and in which order
     * @param mode how they come from the database
     * @return a sequential stream, to be closed as the one of {@link #stream(Query, ReadOptions, StreamMode)}
     */
    default Stream<ProjectionStep> projectStream(
            List<? extends Projector<?>> projectors, ReadOptions options, StreamMode mode) {
        ProjectedStates initial = ProjectedStates.initial(projectors);
        return stream(initial.query(), options, mode).map(new StepFunction(initial));
    }

    /**
     * Returns the position of the last event of the log.
     *
     * @return the position; 0 if there is none
     */
    long head();
}
