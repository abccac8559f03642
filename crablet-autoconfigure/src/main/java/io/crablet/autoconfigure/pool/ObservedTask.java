package io.crablet.autoconfigure.pool;

import io.micrometer.observation.Observation.ContextView;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.ScheduledTaskObservationContext;

/**
 * What is being observed: the method of a scheduled task, such as {@code Reminders.send}, or else the name of the innermost
 * observation that is not one of JDBC itself.
 */
final class ObservedTask implements OperationSource {

    private static final String JDBC = "jdbc.";

    private final ObservationRegistry observations;

    ObservedTask(ObservationRegistry observations) {
        this.observations = observations;
    }

    @Override
    public @Nullable String operation() {
        String innermost = null;
        ObservationView observation = observations.getCurrentObservation();
        while (observation != null) {
            ContextView context = observation.getContextView();
            if (context instanceof ScheduledTaskObservationContext task) {
                return task.getTargetClass().getSimpleName() + "."
                        + task.getMethod().getName();
            }
            String name = context.getName();
            if (innermost == null && name != null && !name.startsWith(JDBC)) {
                innermost = name;
            }
            observation = context.getParentObservation();
        }
        return innermost;
    }
}
