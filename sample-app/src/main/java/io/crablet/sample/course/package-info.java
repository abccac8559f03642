/** Courses with a limited number of seats, and the students who subscribe to them. */
@NullMarked
package io.crablet.sample.course;

import org.jspecify.annotations.NullMarked;
