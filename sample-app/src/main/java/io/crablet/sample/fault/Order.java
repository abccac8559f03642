package io.crablet.sample.fault;

/**
 * What was asked for.
 *
 * @param count how often the fault is staged at once
 * @param seconds how long it lasts
 */
record Order(int count, int seconds) {

    /** Returns how many of them, such as {@code 1 query} and {@code 2 queries}. */
    String count(String one, String more) {
        return count + " " + (count == 1 ? one : more);
    }
}
