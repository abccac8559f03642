package io.crablet.sample.course;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Courses and subscriptions over HTTP. */
@RestController
@RequestMapping("/courses")
final class CourseController {

    private static final int MAX_CAPACITY = 100_000;

    private final Courses courses;

    CourseController(Courses courses) {
        this.courses = courses;
    }

    @PostMapping
    ResponseEntity<Course> define(@Valid @RequestBody NewCourse body) {
        Course course = courses.define(body.id(), body.capacity());
        URI location = ServletUriComponentsBuilder.fromCurrentRequest()
                .pathSegment("{id}")
                .encode()
                .buildAndExpand(course.id())
                .toUri();
        return ResponseEntity.created(location).body(course);
    }

    @PatchMapping("/{id}")
    Course changeCapacity(@PathVariable @ValidId String id, @Valid @RequestBody NewCapacity body) {
        return courses.changeCapacity(id, body.capacity());
    }

    @GetMapping("/{id}")
    Course get(@PathVariable @ValidId String id) {
        return courses.get(id);
    }

    @PostMapping("/{id}/subscriptions")
    @ResponseStatus(HttpStatus.CREATED)
    Subscription subscribe(@PathVariable @ValidId String id, @Valid @RequestBody NewSubscription body) {
        return courses.subscribe(id, body.student());
    }

    @DeleteMapping("/{id}/subscriptions/{student}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unsubscribe(@PathVariable @ValidId String id, @PathVariable @ValidId String student) {
        courses.unsubscribe(id, student);
    }

    record NewCourse(
            @ValidId String id,

            @NotNull @Min(1) @Max(MAX_CAPACITY) Integer capacity) {}

    record NewCapacity(@NotNull @Min(1) @Max(MAX_CAPACITY) Integer capacity) {}

    record NewSubscription(@ValidId String student) {}
}
