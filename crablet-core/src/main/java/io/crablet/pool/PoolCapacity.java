package io.crablet.pool;

/**
 * How many connections one of the server's limits leaves to a pool, with the sum that leads there.
 *
 * @param limitedBy how a sentence names the limit, for example {@code max_connections}
 * @param limit the connections the limit allows
 * @param reserved those of them that only privileged roles may use
 * @param usedByOthers those that other programs had open when they were counted
 * @param promised those that other pools of this application may take
 * @param keptFree those that no pool should take, so that an operator can still connect
 */
public record PoolCapacity(String limitedBy, int limit, int reserved, int usedByOthers, int promised, int keptFree) {

    /**
     * Returns what is left for the pool.
     *
     * @return a number of connections, 0 if there is no room
     */
    public int available() {
        return Math.max(0, remainder());
    }

    /**
     * Returns the sum in words.
     *
     * @return for example {@code max_connections 100 - 3 reserved - 12 used by others - 5 kept free = 80}
     */
    public String arithmetic() {
        StringBuilder sum = new StringBuilder(limitedBy).append(' ').append(limit);
        subtract(sum, reserved, "reserved");
        subtract(sum, usedByOthers, "used by others");
        subtract(sum, promised, "for this application's other pools");
        subtract(sum, keptFree, "kept free");
        return sum.append(" = ").append(remainder()).toString();
    }

    private int remainder() {
        return limit - reserved - usedByOthers - promised - keptFree;
    }

    private static void subtract(StringBuilder sum, int connections, String what) {
        if (connections != 0) {
            sum.append(" - ").append(connections).append(' ').append(what);
        }
    }
}
