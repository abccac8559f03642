package io.crablet.pool;

import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/** Reads SQL once, from left to right, as PostgreSQL's own scanner would, and writes it without its literals. */
final class SqlReader {

    private static final Set<String> LITERAL_PREFIXES = Set.of("b", "e", "n", "u&", "x");

    private static final String WHITE_SPACE = " \t\n\r\f\u000B";

    private final SettingValue setting = new SettingValue();

    private final String sql;

    private final int maxLength;

    private final StringBuilder text = new StringBuilder();

    private int at;

    private boolean spaceDue;

    /** Whether what is read is the value of a setting. */
    private boolean hidden;

    SqlReader(String sql, int maxLength) {
        this.sql = sql;
        this.maxLength = maxLength;
    }

    String withoutLiterals() {
        while (at < sql.length() && text.length() <= maxLength) {
            readToken();
        }
        return SafeText.bounded(text, maxLength);
    }

    private void readToken() {
        int c = sql.codePointAt(at);
        if (sql.startsWith("--", at)) {
            skipLine();
        } else if (sql.startsWith("/*", at)) {
            skipComment();
        } else if (c == '\'') {
            readLiteral(false);
        } else if (c == '"') {
            readQuotedName();
        } else if (c == '$') {
            readDollar();
        } else if (isDigit(at) || c == '.' && isDigit(at + 1)) {
            readNumber();
        } else if (isNameStart(c)) {
            readName();
        } else if (c <= ' ' || Character.isWhitespace(c)) {
            at++;
            spaceDue = true;
        } else {
            readSign(c);
        }
    }

    private void readSign(int c) {
        boolean valueFollows = setting.beginsBehind(Character.toString(c));
        if (c == ';') {
            spaceDue &= !hidden;
            hidden = false;
        }
        write(c);
        if (valueFollows) {
            hideValue();
        }
    }

    private void hideValue() {
        text.append(" ?");
        hidden = true;
    }

    private void skipLine() {
        at = lineEnd(at);
        spaceDue = true;
    }

    private int lineEnd(int from) {
        int end = from;
        while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    /** Comments nest in PostgreSQL. */
    private void skipComment() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
        spaceDue = true;
    }

    private void readLiteral(boolean escapes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '\\' && escapes) {
                at++;
            } else if (c == '\'') {
                int next = continuation();
                if (next < 0) {
                    break;
                }
                at = next + 1;
            }
        }
        writeLiteral();
    }

    /** Where a literal goes on behind a quote: at the next quote, also if there is a line end and other white space before it. */
    private int continuation() {
        if (at < sql.length() && sql.charAt(at) == '\'') {
            return at;
        }
        boolean lineEnd = false;
        for (int next = at; next < sql.length(); next++) {
            if (sql.startsWith("--", next)) {
                next = lineEnd(next);
            }
            char c = next < sql.length() ? sql.charAt(next) : 0;
            if (c == '\'') {
                return lineEnd ? next : -1;
            }
            if (WHITE_SPACE.indexOf(c) < 0) {
                return -1;
            }
            lineEnd |= c == '\n' || c == '\r';
        }
        return -1;
    }

    private void readQuotedName() {
        write('"');
        while (at < sql.length() && text.length() <= maxLength) {
            int c = sql.codePointAt(at);
            write(c);
            if (c == '"') {
                // A doubled one looks like the end of one name and the beginning of the next, and may be read like
                // that.
                break;
            }
        }
    }

    /** A parameter, a body between two dollar signs with or without a tag, or only a dollar sign. */
    private void readDollar() {
        int end = at + 1;
        if (isDigit(end)) {
            writeWhile(at + 1, SqlReader::isAsciiDigit);
            return;
        }
        while (end < sql.length() && sql.charAt(end) != '$' && isNamePart(sql.codePointAt(end))) {
            end += Character.charCount(sql.codePointAt(end));
        }
        if (end < sql.length() && sql.charAt(end) == '$') {
            String tag = sql.substring(at, end + 1);
            int close = sql.indexOf(tag, end + 1);
            at = close < 0 ? sql.length() : close + tag.length();
            writeLiteral();
        } else {
            write('$');
        }
    }

    /** Also 0xFF, 1_000 and 1.5e-3. The letters that follow a number belong to it, whether or not they make sense there. */
    private void readNumber() {
        while (at < sql.length() && (isNamePart(sql.codePointAt(at)) || sql.charAt(at) == '.' || isExponentSign())) {
            at += Character.charCount(sql.codePointAt(at));
        }
        writeLiteral();
    }

    private boolean isExponentSign() {
        char c = sql.charAt(at);
        return (c == '+' || c == '-') && (sql.charAt(at - 1) | 0x20) == 'e' && isDigit(at + 1);
    }

    private void readName() {
        int start = at;
        int end = start;
        while (end < sql.length() && isNamePart(sql.codePointAt(end))) {
            end += Character.charCount(sql.codePointAt(end));
        }
        int quote = end == start + 1 && sql.startsWith("&'", end) ? end + 1 : end;
        String prefix = sql.substring(start, quote).toLowerCase(Locale.ROOT);
        if (quote < sql.length() && sql.charAt(quote) == '\'' && LITERAL_PREFIXES.contains(prefix)) {
            at = quote;
            readLiteral(prefix.equals("e"));
        } else {
            writeWhile(start, SqlReader::isNamePart);
            if (setting.beginsBehind(sql.substring(start, end).toLowerCase(Locale.ROOT))) {
                hideValue();
            }
        }
    }

    private void writeLiteral() {
        if (!hidden) {
            writeSpaceIfDue();
            text.append('?');
        }
    }

    private void writeWhile(int next, IntPredicate belongs) {
        while (at < sql.length() && text.length() <= maxLength && (at < next || belongs.test(sql.codePointAt(at)))) {
            write(sql.codePointAt(at));
        }
    }

    private void write(int character) {
        if (!hidden) {
            writeSpaceIfDue();
            SafeText.append(text, character);
        }
        at += Character.charCount(character);
    }

    private void writeSpaceIfDue() {
        if (spaceDue && !text.isEmpty()) {
            text.append(' ');
        }
        spaceDue = false;
    }

    private boolean isDigit(int index) {
        return index < sql.length() && isAsciiDigit(sql.charAt(index));
    }

    private static boolean isAsciiDigit(int c) {
        return c >= '0' && c <= '9';
    }

    /** To PostgreSQL every character beyond ASCII is a letter. */
    private static boolean isNameStart(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80 && !Character.isWhitespace(c);
    }

    private static boolean isNamePart(int c) {
        return isNameStart(c) || isAsciiDigit(c) || c == '$';
    }
}
