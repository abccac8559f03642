package io.crablet.benchmarks.append;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;

/**
 * Appends to entities at random, each time on the condition that nobody else has appended to this one: each entity has one caller
 * alone, so that the condition holds.
 */
final class EntityAppends {

    private final Subject subject;

    /** Of each entity the position of its last event. An element is only ever touched by one thread at a time. */
    private final long[] heads;

    private final LongAdder appended = new LongAdder();

    EntityAppends(Subject subject, Log log) {
        this.subject = subject;
        this.heads = IntStream.range(0, log.entities()).mapToLong(log::head).toArray();
    }

    Subject subject() {
        return subject;
    }

    /** Returns how many events this has appended. */
    long appended() {
        return appended.sum();
    }

    /** Returns what each of so many callers does. */
    Callers.Action by(int callers) {
        return caller -> {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            int entity = caller + callers * random.nextInt(heads.length / callers);
            long position = subject.append(Log.entity(entity), Log.other(random.nextInt()), heads[entity]);
            if (position == Subject.REFUSED) {
                throw new IllegalStateException(
                        subject.name() + " refused an append to entity " + entity + ", whose condition holds");
            }
            heads[entity] = position;
            appended.increment();
            return 1;
        };
    }
}
