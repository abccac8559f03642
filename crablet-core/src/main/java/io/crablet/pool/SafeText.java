package io.crablet.pool;

/** Makes text that others have written fit to be shown and logged: bounded, and without what is not meant for the reader. */
public final class SafeText {

    /** The most characters of a result. What was longer ends in an ellipsis. */
    public static final int MAX_LENGTH = 300;

    private static final char REPLACEMENT = '\uFFFD';

    private SafeText() {}

    /**
     * Shortens SQL and takes everything out of it that may be data: each literal becomes {@code ?}, comments are left out, white
     * space is one space. So does the value of a setting in {@code SET} and {@code ALTER … SET}, whatever it looks like. Names and
     * parameters like {@code $1} stay, also quoted names: who keeps data in names, for example a tenant in that of a schema,
     * shows it.
     *
     * <p>SQL that has been cut off somewhere is read to where it ends. A backslash before a quote counts as an escape in
     * {@code E'…'} only, as it does in PostgreSQL unless {@code standard_conforming_strings} is off.
     *
     * @param sql one or several statements
     * @return at most {@link #MAX_LENGTH} characters, without control characters
     */
    public static String ofSql(String sql) {
        return new SqlReader(sql, MAX_LENGTH).withoutLiterals();
    }

    /**
     * Shortens a name and replaces its control characters, so that it cannot steer a terminal or begin a line of a log.
     *
     * @param name a name, for example what an application calls itself
     * @return at most {@link #MAX_LENGTH} characters
     */
    public static String ofName(String name) {
        StringBuilder text = new StringBuilder(Math.min(name.length(), MAX_LENGTH));
        name.codePoints().limit(MAX_LENGTH + 1).forEach(character -> append(text, character));
        return bounded(text, MAX_LENGTH);
    }

    static void append(StringBuilder text, int character) {
        text.appendCodePoint(isPrintable(character) ? character : REPLACEMENT);
    }

    static String bounded(StringBuilder text, int length) {
        if (text.length() <= length) {
            return text.toString();
        }
        int end = length - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    /** Not so: what steers a terminal, what turns the direction of writing, line ends, half of a surrogate pair. */
    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
