package io.crablet.pool;

import java.time.Duration;
import java.util.Locale;

/** Writes figures for people. */
final class Words {

    private Words() {}

    /** A time in the unit that suits it, for example {@code 300 ms}, {@code 42 s} or {@code 7 min}. */
    static String time(Duration duration) {
        long millis = Math.max(0, duration.toMillis());
        if (millis < 1000) {
            return millis + " ms";
        }
        long seconds = Math.round(millis / 1000.0);
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    /** A number with its noun, for example {@code 1 caller} or {@code 12 callers}. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** A rate or a mean, with a digit behind the point only where it matters. */
    static String figure(double value) {
        return value < 10 ? String.format(Locale.ROOT, "%.1f", value) : Long.toString(Math.round(value));
    }

    /** Where a connection was borrowed, and in which operation. */
    static String origin(BorrowedConnection borrow) {
        String operation = borrow.operation();
        return operation == null ? borrow.site() : borrow.site() + " in operation " + operation;
    }
}
