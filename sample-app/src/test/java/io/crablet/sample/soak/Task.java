package io.crablet.sample.soak;

/** One of the things that are done again and again. */
@FunctionalInterface
interface Task {

    void run() throws Exception;
}
