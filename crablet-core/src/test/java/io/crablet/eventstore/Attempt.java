package io.crablet.eventstore;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** An append that was tried, and what came of it: either a result or the violation for which it was refused. */
public record Attempt(Request request, @Nullable AppendResult result, ModelLog.@Nullable Violation violation) {

    /** What is to be appended, and on which condition, if any. */
    public record Request(List<Event> events, @Nullable AppendCondition condition) {

        /** Tries the append. */
        public Attempt send(EventStore store) {
            try {
                AppendResult result = condition == null ? store.append(events) : store.append(events, condition);
                return new Attempt(this, result, null);
            } catch (AppendConditionFailedException refusal) {
                return new Attempt(this, null, new ModelLog.Violation(refusal.item(), refusal.position()));
            }
        }

        Callable<Attempt> toSend(EventStore store) {
            return () -> send(store);
        }
    }

    public boolean isAccepted() {
        return result != null;
    }
}
