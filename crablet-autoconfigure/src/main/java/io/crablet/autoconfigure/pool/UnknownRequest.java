package io.crablet.autoconfigure.pool;

import org.jspecify.annotations.Nullable;

/**
 * A request of a web framework that cannot be asked here.
 *
 * @param secured whether something decides who may do what: then it is not known, and so nothing is offered
 */
record UnknownRequest(boolean secured) implements ConsoleRequest {

    @Override
    public boolean mayPost(String path) {
        return !secured;
    }

    @Override
    public @Nullable CsrfHeader csrf() {
        return null;
    }

    @Override
    public void guardAnswer() {}
}
