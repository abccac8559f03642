package io.crablet.benchmarks;

import java.util.Locale;

/** Writes numbers with about three digits that matter. */
final class Numbers {

    private Numbers() {}

    static String format(double number) {
        double size = Math.abs(number);
        int decimals = size >= 100 || number == Math.rint(number) ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4;
        return String.format(Locale.ROOT, "%,." + decimals + "f", number);
    }
}
