package io.crablet.sample.course;

/**
 * A course as it stands at a position of the log.
 *
 * @param id the course
 * @param capacity how many seats it has
 * @param subscribed how many of them are taken
 * @param position the position of the log at which this is true
 */
record Course(String id, int capacity, int subscribed, long position) {}
