package io.crablet.pool.ledger;

/** How far a ledger has come in doing something about one borrow. Set by the ledger's own thread alone. */
final class Measures {

    enum Stage {
        NONE,
        WARNED,
        CANCELLED,
        EVICTED
    }

    private boolean suspectTold;

    private Stage stage = Stage.NONE;

    private volatile long stageNanos;

    /** Whether this is the first time that somebody asks. */
    boolean tellSuspect() {
        boolean first = !suspectTold;
        suspectTold = true;
        return first;
    }

    Stage stage() {
        return stage;
    }

    long stageNanos() {
        return stageNanos;
    }

    void reach(Stage next, long now) {
        stage = next;
        stageNanos = now;
    }
}
