package io.crablet.sample.course;

/**
 * A student's seat in a course.
 *
 * @param course the course
 * @param student the student
 * @param position the position of the log from which on the seat is taken
 */
record Subscription(String course, String student, long position) {}
