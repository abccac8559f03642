package io.crablet.autoconfigure.pool;

import io.crablet.pool.SafeText;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.convert.DurationStyle;

/** The arguments of an operation as they were given. What is wrong with one is said in the exception. */
final class OperationArguments {

    /** Longer than that a server counts as well, but it is a typing error; and beyond some centuries it cannot. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final PoolOperation operation;

    private final Map<String, String> given = new LinkedHashMap<>();

    /**
     * Takes the arguments.
     *
     * @param operation what is to be done
     * @param arguments by their names, null for those that were not given
     * @throws InvalidEndpointRequestException if one is given that the operation does not take
     */
    OperationArguments(PoolOperation operation, Map<String, @Nullable String> arguments) {
        this.operation = operation;
        arguments.forEach((name, value) -> {
            if (value != null) {
                if (!operation.arguments().contains(name)) {
                    throw foreign(name);
                }
                given.put(name, value.strip());
            }
        });
    }

    PoolOperation operation() {
        return operation;
    }

    Map<String, String> given() {
        return given;
    }

    String text(String name) {
        String value = given.get(name);
        if (value == null) {
            throw invalid("%s needs \"%s\".".formatted(operation.label(), name));
        }
        return value;
    }

    /** A whole number; null if it was not given. */
    @Nullable
    Integer numberIfGiven(String name, int smallest) {
        return given.containsKey(name) ? Integer.valueOf(number(name, smallest)) : null;
    }

    int number(String name, int smallest) {
        return (int) number(name, smallest, Integer.MAX_VALUE);
    }

    /** An id of a borrow. */
    long id(String name) {
        return number(name, 1, Long.MAX_VALUE);
    }

    private long number(String name, long smallest, long largest) {
        String value = text(name);
        if (value.matches("\\d{1,18}")) {
            long number = Long.parseLong(value);
            if (number >= smallest && number <= largest) {
                return number;
            }
        }
        throw invalid("\"%s\" of %s is %s; it has to be a whole number, %d or more."
                .formatted(name, operation.label(), shown(value), smallest));
    }

    /** A duration with its unit, so that nobody who means minutes gets milliseconds. */
    Duration duration(String name, Duration shortest) {
        String value = text(name);
        if (value.matches("\\d{1,9}(ms|s|m|h|d)") || value.startsWith("PT")) {
            Duration duration = parse(name, value, shortest);
            if (duration.compareTo(shortest) >= 0 && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        }
        throw noDuration(name, value, shortest);
    }

    private Duration parse(String name, String value, Duration shortest) {
        try {
            return DurationStyle.detectAndParse(value);
        } catch (IllegalArgumentException e) {
            throw noDuration(name, value, shortest);
        }
    }

    private InvalidEndpointRequestException noDuration(String name, String value, Duration shortest) {
        return invalid(
                ("\"%s\" of %s is %s; it has to be a duration with its unit, such as 30s or 5m, at least %d s and at"
                                + " most %d days.")
                        .formatted(name, operation.label(), shown(value), shortest.toSeconds(), LONGEST.toDays()));
    }

    private InvalidEndpointRequestException foreign(String name) {
        return invalid("%s takes %s, and not \"%s\"."
                .formatted(
                        operation.label(),
                        operation.arguments().isEmpty()
                                ? "no argument"
                                : "\"" + String.join("\", \"", operation.arguments()) + "\"",
                        name));
    }

    /** What was sent, but not all of it: it is shown to who sent it, and somebody may send a book. */
    static String shown(String value) {
        return "'" + SafeText.ofName(value.length() > 40 ? value.substring(0, 40) + "…" : value) + "'";
    }

    static InvalidEndpointRequestException invalid(String message) {
        return new InvalidEndpointRequestException(message, message);
    }
}
