package io.crablet.autoconfigure.pool;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an operator may have done to a pool, with the arguments that it takes. */
enum PoolOperation {
    EVICT_IDLE,
    RESIZE("maximumPoolSize", "minimumIdle"),
    RECLAIM("id"),
    CANCEL("pid"),
    TERMINATE("pid"),
    TERMINATE_IDLE_IN_TRANSACTION("olderThan"),
    RESET("confirm"),
    SUSPEND,
    RESUME;

    private final List<String> arguments;

    PoolOperation(String... arguments) {
        this.arguments = List.of(arguments);
    }

    List<String> arguments() {
        return arguments;
    }

    /** The name in a request. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The type of its audit events. */
    String auditType() {
        return "POOL_" + name();
    }

    static @Nullable PoolOperation of(String label) {
        return Arrays.stream(values())
                .filter(operation -> operation.label().equals(label))
                .findFirst()
                .orElse(null);
    }

    static String labels() {
        return Arrays.stream(values()).map(PoolOperation::label).collect(Collectors.joining(", "));
    }

    /** What all operations take together. */
    static String argumentNames() {
        return Arrays.stream(values())
                .flatMap(operation -> operation.arguments.stream())
                .distinct()
                .collect(Collectors.joining(", "));
    }
}
