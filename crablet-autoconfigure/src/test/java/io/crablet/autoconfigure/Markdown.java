package io.crablet.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A page of the documentation, as far as tests need to understand it.
 *
 * @param file where it is
 * @param headings its headings, without the hashes
 * @param blocks what stands between fences
 * @param prose everything else
 */
public record Markdown(Path file, List<String> headings, List<Block> blocks, String prose) {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern HEADING = Pattern.compile("#{1,6} +(.*?)\\s*");

    private static final Pattern FENCE = Pattern.compile("\\s*```(.*)");

    /**
     * What stands between fences.
     *
     * @param heading the heading above it
     * @param language what the fence says it is; empty if it says nothing
     * @param text its lines
     */
    public record Block(String heading, String language, String text) {}

    /** Reads a guide of the folder docs. */
    public static Markdown guide(String name) {
        return read(ROOT.resolve("docs").resolve(name));
    }

    /** Reads all pages of the project. */
    static List<Markdown> all() {
        List<Path> files = new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
        for (String folder : List.of("docs", "dashboards", "scripts")) {
            if (Files.isDirectory(ROOT.resolve(folder))) {
                try (Stream<Path> found = Files.walk(ROOT.resolve(folder))) {
                    found.filter(file -> file.toString().endsWith(".md")).forEach(files::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return files.stream().map(Markdown::read).toList();
    }

    static Markdown read(Path file) {
        List<String> headings = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        StringBuilder block = null;
        String language = "";
        String heading = "";
        for (String line : lines(file)) {
            Matcher fence = FENCE.matcher(line);
            Matcher title = HEADING.matcher(line);
            if (fence.matches() && block == null) {
                language = fence.group(1);
                block = new StringBuilder();
            } else if (fence.matches()) {
                blocks.add(new Block(heading, language, block.toString()));
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            } else {
                if (title.matches()) {
                    heading = title.group(1);
                    headings.add(heading);
                }
                prose.append(line).append('\n');
            }
        }
        return new Markdown(file, headings, blocks, prose.toString());
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a link may name behind a hash, by GitHub's rules. */
    Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        for (String heading : headings) {
            String anchor = heading.toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}\\p{M}_ -]", "")
                    .replace(' ', '-');
            String unique = anchor;
            for (int i = 1; !anchors.add(unique); i++) {
                unique = anchor + "-" + i;
            }
        }
        return anchors;
    }

    @Override
    public String toString() {
        return ROOT.relativize(file).toString();
    }
}
