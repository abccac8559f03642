package io.crablet.pool;

/** A pool whose counters a test sets. */
final class FakeGauge implements PoolGauge {

    private final String name;

    volatile PoolPhase phase = PoolPhase.RUNNING;

    volatile PoolCounts counts = new PoolCounts(10, 10, 0, 0, 10);

    volatile boolean broken;

    volatile boolean outOfMemory;

    FakeGauge(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PoolPhase phase() {
        return phase;
    }

    @Override
    public PoolCounts counts() {
        if (outOfMemory) {
            throw new OutOfMemoryError("on purpose");
        }
        if (broken) {
            throw new IllegalStateException("broken on purpose");
        }
        return counts;
    }
}
