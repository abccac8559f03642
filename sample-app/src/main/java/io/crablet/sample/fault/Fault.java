package io.crablet.sample.fault;

import java.sql.SQLException;

/**
 * A fault to stage on purpose. Each is a class of its own, so that the stack of whoever holds a connection tells its name.
 */
interface Fault {

    /** Returns the name in the URL. */
    String kind();

    /** Says what will be seen. */
    String effect(Order order);

    /** Returns how many threads act it out. */
    default int threads(Order order) {
        return order.count();
    }

    /** Acts the fault out in one of its threads, until its time is over or the thread is interrupted. */
    void act(Scene scene) throws SQLException, InterruptedException;
}
