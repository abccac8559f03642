package io.crablet.eventstore.postgres;

/** A name in SQL, such as a schema's. */
final class Identifier {

    private Identifier() {}

    /** Returns the name in double quotes, so that every name that PostgreSQL allows can be used. */
    static String quote(String name) {
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a schema's name is neither empty nor holds a NUL character");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
