package io.crablet.sample.fault;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.context.annotation.Profile;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Stages faults over HTTP, with the profile {@code faults} only. */
@RestController
@RequestMapping("/faults")
@Profile("faults")
final class FaultController {

    private final Faults faults;

    FaultController(Faults faults) {
        this.faults = faults;
    }

    @PostMapping("/{kind}")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Staged stage(
            @PathVariable String kind,
            @RequestParam(defaultValue = "1") @Min(1) @Max(100) int count,
            @RequestParam(defaultValue = "30") @Min(1) @Max(600) int seconds) {
        return new Staged(kind, count, seconds, faults.stage(kind, new Order(count, seconds)));
    }

    record Staged(String kind, int count, int seconds, String effect) {}
}
