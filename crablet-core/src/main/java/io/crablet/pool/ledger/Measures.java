package io.crablet.pool.ledger;

/** How far a ledger has come in doing something about one borrow. For the ledger's own thread. */
final class Measures {

    enum Stage {
        NONE,
        WARNED,
        CANCELLED
    }

    private boolean suspectTold;

    private Stage stage = Stage.NONE;

    private long stageNanos;

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
