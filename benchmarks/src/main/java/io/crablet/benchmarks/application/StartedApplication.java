package io.crablet.benchmarks.application;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.context.ApplicationListener;

/** A program that starts the application, says on standard output when it is ready and how long the context's refresh took, and ends. */
final class StartedApplication {

    /** What the line starts with that says so; the refresh in nanoseconds follows. */
    static final String READY = "ready ";

    private StartedApplication() {}

    public static void main(String[] arguments) {
        SpringApplication application = new SpringApplication(Application.class);
        application.addListeners(new Refresh());
        application.run(arguments).close();
    }

    private static final class Refresh implements ApplicationListener<SpringApplicationEvent> {

        private long start;

        private long nanos;

        @Override
        public void onApplicationEvent(SpringApplicationEvent event) {
            if (event instanceof ApplicationPreparedEvent) {
                start = System.nanoTime();
            } else if (event instanceof ApplicationStartedEvent) {
                nanos = System.nanoTime() - start;
            } else if (event instanceof ApplicationReadyEvent) {
                System.out.println(READY + nanos);
            }
        }
    }
}
