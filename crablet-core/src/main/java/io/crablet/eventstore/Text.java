package io.crablet.eventstore;

/** What PostgreSQL's {@code text} can hold and give back unchanged. */
final class Text {

    private Text() {}

    /**
     * Returns the text if it can be stored exactly, and says what is wrong with it otherwise.
     *
     * @param what how an error names the text, for example {@code "event type"}
     */
    static String requireStorable(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(
                        what + " holds a NUL character at index " + i + ", which PostgreSQL cannot store");
            }
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    throw new IllegalArgumentException(what + " holds half a surrogate pair at index " + i
                            + ", which is no character and cannot be stored");
                }
            }
        }
        return text;
    }
}
