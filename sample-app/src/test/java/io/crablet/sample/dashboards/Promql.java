package io.crablet.sample.dashboards;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an expression of PromQL asks for: metrics with the labels that they are chosen by, and labels that are grouped by. */
record Promql(List<Selector> selectors, Set<String> groupingLabels) {

    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern DURATION = Pattern.compile("\\[[^]]*]|\\boffset\\s+\\w+");
    private static final Pattern NAME = Pattern.compile("([a-zA-Z_:][\\w:]*)\\s*(\\{[^}]*}|\\()?");
    private static final Pattern MATCHER =
            Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"(?:[^\"\\\\]|\\\\.)*\"\\s*(?:,|$)\\s*");
    private static final Set<String> OPERATORS =
            Set.of("and", "or", "unless", "bool", "by", "without", "on", "ignoring", "group_left", "group_right");

    record Selector(String metric, Set<String> labels) {}

    static Promql of(String expr) {
        Set<String> grouping = new LinkedHashSet<>();
        Matcher group = GROUPING.matcher(expr);
        while (group.find()) {
            Arrays.stream(group.group(1).split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .forEach(grouping::add);
        }
        String rest = DURATION.matcher(GROUPING.matcher(expr).replaceAll(" ")).replaceAll(" ");
        List<Selector> selectors = new ArrayList<>();
        Matcher name = NAME.matcher(rest);
        while (name.find()) {
            String braces = name.group(2);
            if (!"(".equals(braces) && !OPERATORS.contains(name.group(1)) && !isPartOfNumber(rest, name.start())) {
                selectors.add(new Selector(name.group(1), braces == null ? Set.of() : labels(braces)));
            }
        }
        return new Promql(selectors, grouping);
    }

    private static boolean isPartOfNumber(String text, int start) {
        return start > 0 && Character.isDigit(text.charAt(start - 1));
    }

    private static Set<String> labels(String braces) {
        String inside = braces.substring(1, braces.length() - 1).strip();
        Set<String> labels = new LinkedHashSet<>();
        Matcher matcher = MATCHER.matcher(inside);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            labels.add(matcher.group(1));
            end = matcher.end();
        }
        if (end != inside.length()) {
            throw new IllegalArgumentException("not understood: " + braces);
        }
        return labels;
    }
}
