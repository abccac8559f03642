package io.crablet.pool;

import org.jspecify.annotations.Nullable;

/**
 * Finds the values of settings in statements such as {@code SET app.tenant = acme} and {@code ALTER ROLE … SET … TO …}: they may
 * be data, though they look like names. The {@code SET} of an {@code UPDATE} is another one.
 */
final class SettingValue {

    private @Nullable String first;

    private boolean setting;

    /** Whether the value of a setting begins behind a word in lower case, or a sign; it goes on to the end of the statement. */
    boolean beginsBehind(String token) {
        if (token.equals(";")) {
            first = null;
            setting = false;
            return false;
        }
        if (first == null) {
            first = token;
        }
        if (setting && (token.equals("=") || token.equals("to"))) {
            setting = false;
            return true;
        }
        setting |= token.equals("set") && (first.equals("set") || first.equals("alter"));
        return false;
    }
}
