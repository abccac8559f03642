package io.crablet.autoconfigure.pool;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MimeType;

/** The console's files, as they are in the jars: those that are listed here and no others, whatever a client asks for. */
final class ConsoleFiles {

    static final String JAVASCRIPT = "text/javascript";

    static final String CSS = "text/css";

    static final String SVG = "image/svg+xml";

    static final String PAGE = "console.html";

    static final List<String> OWN = List.of(
            "chains.js",
            "charts.js",
            "client.js",
            "connections.js",
            "console.css",
            "console.js",
            "dom.js",
            "format.js",
            "icon.svg",
            "incidents.js",
            "operations.js",
            "overview.js",
            "plans.js",
            "refresher.js",
            "server.js",
            "settings.js",
            "table.js",
            "theme.js",
            "words.js");

    private static final List<String> OF_CHART_LIBRARY = List.of("uPlot.iife.min.js", "uPlot.min.css");

    private static final String FOLDER = "/io/crablet/autoconfigure/console/";

    private static final String CHART_LIBRARY = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

    private static final String CHART_FOLDER = "/META-INF/resources/webjars/uplot/%s/dist/";

    /**
     * What a file has in it.
     *
     * @param type its type, with the character set
     * @param bytes its content
     */
    record Content(MimeType type, byte[] bytes) {}

    /**
     * The page. Its references to files begin with the endpoint's usual name, since its own address ends without a slash.
     *
     * @param ownName the last part of that address
     */
    Content page(String ownName) {
        byte[] bytes = read(FOLDER + PAGE);
        if (bytes == null) {
            throw new IllegalStateException(FOLDER + PAGE + " is missing");
        }
        String page = new String(bytes, StandardCharsets.UTF_8).replace("=\"poolconsole/", "=\"" + ownName + "/");
        return new Content(utf8("text/html"), page.getBytes(StandardCharsets.UTF_8));
    }

    /** A file that the page refers to; null if there is none of that name, or the library that has it is missing. */
    @Nullable
    Content file(String name) {
        byte[] bytes = null;
        if (OWN.contains(name)) {
            bytes = read(FOLDER + name);
        } else if (OF_CHART_LIBRARY.contains(name)) {
            bytes = ofChartLibrary(name);
        }
        return bytes == null ? null : new Content(type(name), bytes);
    }

    private static byte @Nullable [] ofChartLibrary(String name) {
        byte[] found = read(CHART_LIBRARY);
        if (found == null) {
            return null;
        }
        Properties properties = new Properties();
        try {
            properties.load(new ByteArrayInputStream(found));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read(CHART_FOLDER.formatted(properties.getProperty("version")) + name);
    }

    private static byte @Nullable [] read(String path) {
        try (InputStream file = ConsoleFiles.class.getResourceAsStream(path)) {
            return file == null ? null : file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MimeType type(String name) {
        return switch (name.substring(name.lastIndexOf('.'))) {
            case ".js" -> utf8(JAVASCRIPT);
            case ".css" -> utf8(CSS);
            default -> utf8(SVG);
        };
    }

    private static MimeType utf8(String type) {
        return new MimeType(MimeType.valueOf(type), StandardCharsets.UTF_8);
    }
}
