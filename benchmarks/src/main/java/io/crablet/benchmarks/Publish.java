package io.crablet.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Puts the results of a run into the documentation: {@code --results=FILE --page=FILE}. The page keeps what is written by hand;
 * what stands between {@code <!-- begin NAME -->} and {@code <!-- end NAME -->} is replaced. Pictures go into the folder
 * {@code images} beside the page, and the results themselves too, under the page's name with {@code .json}.
 */
public final class Publish {

    private static final String IMAGES = "images";

    private Publish() {}

    /**
     * Publishes.
     *
     * @param arguments see the class
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        Path results = Path.of(Options.required(options, "results"));
        Path page = Path.of(Options.required(options, "page"));
        publish(ResultFiles.read(results), page);
        Files.writeString(
                page.resolveSibling(page.getFileName().toString().replace(".md", ".json")), Files.readString(results));
    }

    static void publish(Results results, Path page) throws IOException {
        MarkedPage text = new MarkedPage(Files.readString(page));
        text.empty("Not measured in this run.\n");
        text.put("environment", Markdown.environment(results.environment()));
        text.put("targets", Markdown.targets(results));
        Charts charts = new Charts(results);
        for (String benchmark : results.benchmarks().keySet()) {
            StringBuilder section = new StringBuilder(Markdown.benchmark(results, benchmark));
            charts.draw(benchmark, page.resolveSibling(IMAGES))
                    .forEach((file, title) -> section.append("\n![%s](%s/%s)\n".formatted(title, IMAGES, file)));
            text.put(benchmark, section.toString());
        }
        Files.writeString(page, text.text());
    }
}
