package io.crablet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes results as {@code results.json} and {@code results.md}, and reads the former. */
final class ResultFiles {

    private static final JsonMapper mapper =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ResultFiles() {}

    static void write(Path folder, Results results) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("results.json"), mapper.writeValueAsString(results) + "\n");
        Files.writeString(folder.resolve("results.md"), Markdown.of(results));
    }

    static Results read(Path file) throws IOException {
        return mapper.readValue(Files.readString(file), Results.class);
    }
}
