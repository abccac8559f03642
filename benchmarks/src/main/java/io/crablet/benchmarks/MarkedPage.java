package io.crablet.benchmarks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page with places between {@code <!-- begin NAME -->} and {@code <!-- end NAME -->} that are filled by a program. */
final class MarkedPage {

    private static final Pattern ANY_PLACE = place("([a-z-]+)", "\\1");

    private String text;

    MarkedPage(String text) {
        this.text = text;
    }

    /** Puts the same into every place. */
    void empty(String content) {
        text = ANY_PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(marked(place.group(1), content)));
    }

    /** Fills a place. If the page has none of that name, it gets one at its end, with a heading. */
    void put(String name, String content) {
        Matcher place = place(Pattern.quote(name), Pattern.quote(name)).matcher(text);
        text = place.find()
                ? place.replaceFirst(Matcher.quoteReplacement(marked(name, content)))
                : text + "\n## " + name + "\n\n" + marked(name, content) + "\n";
    }

    String text() {
        return text;
    }

    private static String marked(String name, String content) {
        return "<!-- begin " + name + " -->\n" + content + "<!-- end " + name + " -->";
    }

    private static Pattern place(String begin, String end) {
        return Pattern.compile("<!-- begin " + begin + " -->.*?<!-- end " + end + " -->", Pattern.DOTALL);
    }
}
