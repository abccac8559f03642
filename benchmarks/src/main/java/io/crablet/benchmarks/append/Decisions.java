package io.crablet.benchmarks.append;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Reads an entity at random, decides and appends, and does all of it again when the entity has changed meanwhile. */
final class Decisions implements Callers.Action {

    /** How many entities everybody wants, when they want the same ones. */
    static final int HOT = 10;

    /** After so many decisions other entities are wanted, so that these do not grow to more than twice their size. */
    private static final int DECISIONS_ON_HOT = 100;

    private final Subject subject;
    private final Log log;
    private final boolean isHot;
    private final AtomicLong made = new AtomicLong();
    private final LongAdder retries = new LongAdder();

    Decisions(Subject subject, Log log, boolean isHot) {
        this.subject = subject;
        this.log = log;
        this.isHot = isHot;
    }

    @Override
    public long act(int caller) throws Exception {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long number = isHot
                ? (made.get() / DECISIONS_ON_HOT * HOT + random.nextInt(HOT)) % log.entities()
                : random.nextInt(log.entities());
        String entity = Log.entity(number);
        while (!decide(entity, Log.other(number))) {
            retries.increment();
        }
        made.incrementAndGet();
        return 1;
    }

    private boolean decide(String entity, String other) throws Exception {
        Subject.History history = subject.read(entity);
        if (history.data().size() < log.events() / log.entities()) {
            throw new IllegalStateException(
                    subject.name() + " has read " + history.data().size() + " events of " + entity);
        }
        return subject.append(entity, other, history.after()) != Subject.REFUSED;
    }

    /** Returns how often somebody else was faster. */
    long retries() {
        return retries.sum();
    }
}
