package io.crablet.benchmarks.log;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How the server has executed a statement.
 *
 * @param sql the statement
 * @param millis how long it took
 * @param buffers how many blocks of tables and indexes it has looked at, in memory or not
 * @param text the plan, without estimates
 */
record Plan(String sql, double millis, long buffers, String text) {

    private static final Pattern MESSAGE = Pattern.compile(
            "duration: ([0-9.]+) ms  plan:\\s+Query Text: (.*?)\n(\\S[^\n]*\\(cost=.*)", Pattern.DOTALL);

    private static final Pattern BLOCKS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");

    static Plan parse(String message) {
        Matcher matcher = MESSAGE.matcher(message);
        if (!matcher.find()) {
            throw new IllegalArgumentException(message);
        }
        String plan = matcher.group(3);
        String text = plan.lines()
                .filter(line -> !line.contains("Index Searches:") && !line.contains("Heap Fetches:"))
                .map(line -> line.replaceAll("\\(cost=[^)]*\\) ", ""))
                .collect(Collectors.joining("\n"));
        return new Plan(matcher.group(2), Double.parseDouble(matcher.group(1)), buffers(plan), text);
    }

    /** Of the root, whose figures include those of its children and of the functions that it calls. */
    private static long buffers(String plan) {
        Matcher matcher = BLOCKS.matcher(plan);
        return matcher.find() ? number(matcher.group(1)) + number(matcher.group(2)) : 0;
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
