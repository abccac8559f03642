package io.crablet.benchmarks.append;

import java.util.concurrent.ThreadFactory;

/** Kinds of threads. Virtual ones are looked up by name, as the code has to compile for Java 17. */
enum Threads {
    PLATFORM,
    VIRTUAL;

    static boolean areVirtualAvailable() {
        return Runtime.version().feature() >= 21;
    }

    /** Returns a factory of threads that do not keep the program alive. */
    ThreadFactory factory() {
        return this == PLATFORM ? Threads::daemon : virtual();
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "caller");
        thread.setDaemon(true);
        return thread;
    }

    private static ThreadFactory virtual() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                    .getMethod("factory")
                    .invoke(builder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JDK has no virtual threads", e);
        }
    }
}
