package io.crablet.benchmarks.append;

/** What the events carry. */
final class Payload {

    static final String TYPE = "AmountMoved";

    static final String DATA = """
            {"amount": 125, "currency": "EUR", "reason": "a hundred characters or so, as in many applications", "by": "u42"}""";

    static final String METADATA = "{}";

    private Payload() {}
}
