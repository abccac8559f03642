package io.crablet.eventstore;

/** Checks that the records of positions share. */
final class Positions {

    private Positions() {}

    static void requireNotNegative(String name, long position) {
        if (position < 0) {
            throw new IllegalArgumentException(
                    name + " is " + position + "; positions begin at 1, and 0 is before all");
        }
    }
}
