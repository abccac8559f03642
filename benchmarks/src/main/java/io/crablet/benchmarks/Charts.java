package io.crablet.benchmarks;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/**
 * Draws pictures: figures against the number of callers, or against the size of the log, wherever there are three or more.
 *
 * <p>They are PNG files. As SVG they are ten times as large, with letters drawn as paths, and need one more library.
 */
final class Charts {

    /** Settings that are numbers to draw figures against. */
    private static final List<String> AXES = List.of("callers", "events");

    private static final int LEAST_POINTS = 3;

    private final Results results;

    Charts(Results results) {
        this.results = results;
    }

    /** What belongs into one picture: figures that differ in nothing but workload, subject and the setting of the axis. */
    private record Picture(String benchmark, String axis, String unit, Map<String, String> setting) {

        String title() {
            String others = setting.entrySet().stream()
                    .map(entry -> ", " + entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining());
            return benchmark + ": " + unit + " against " + axis + others;
        }

        String file() {
            return title().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".png";
        }
    }

    /**
     * Draws the pictures of a benchmark.
     *
     * @return their titles by the names of their files
     */
    Map<String, String> draw(String benchmark, Path folder) throws IOException {
        Map<String, String> titles = new LinkedHashMap<>();
        for (String axis : AXES) {
            Map<Picture, List<Figure>> pictures = results.figuresOf(benchmark).stream()
                    .filter(figure -> figure.setting().containsKey(axis))
                    .collect(Collectors.groupingBy(
                            figure -> picture(figure, axis), LinkedHashMap::new, Collectors.toUnmodifiableList()));
            for (Map.Entry<Picture, List<Figure>> picture : pictures.entrySet()) {
                Map<String, List<Figure>> lines = lines(picture.getValue(), axis);
                if (!lines.isEmpty()) {
                    draw(
                            picture.getKey(),
                            lines,
                            folder.resolve(picture.getKey().file()));
                    titles.put(picture.getKey().file(), picture.getKey().title());
                }
            }
        }
        return titles;
    }

    private static Picture picture(Figure figure, String axis) {
        Map<String, String> others = new LinkedHashMap<>(figure.setting());
        others.remove(axis);
        return new Picture(figure.benchmark(), axis, figure.unit(), others);
    }

    /** Returns the figures by the name of their line, from left to right. Too few points make no line. */
    private static Map<String, List<Figure>> lines(List<Figure> figures, String axis) {
        boolean isOneWorkload =
                figures.stream().map(Figure::workload).distinct().count() == 1;
        boolean isOneSubject = figures.stream().map(Figure::subject).distinct().count() == 1;
        Map<String, List<Figure>> lines = figures.stream()
                .sorted(Comparator.comparingDouble(figure -> number(figure, axis)))
                .collect(Collectors.groupingBy(
                        figure -> isOneWorkload
                                ? figure.subject()
                                : isOneSubject ? figure.workload() : figure.workload() + ", " + figure.subject(),
                        LinkedHashMap::new,
                        Collectors.toUnmodifiableList()));
        lines.values().removeIf(line -> line.size() < LEAST_POINTS);
        return lines;
    }

    private static double number(Figure figure, String axis) {
        return Double.parseDouble(
                figure.setting().getOrDefault(axis, "").replace(",", "").replace("_", ""));
    }

    private static void draw(Picture picture, Map<String, List<Figure>> lines, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(420)
                .title(picture.title())
                .xAxisTitle(picture.axis())
                .yAxisTitle(picture.unit())
                .theme(Styler.ChartTheme.XChart)
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setYAxisMin(0.0)
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setChartBackgroundColor(Color.WHITE);
        lines.forEach((name, figures) -> {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            for (Figure figure : figures) {
                x.add(number(figure, picture.axis()));
                y.add(figure.median());
            }
            chart.addSeries(name, x, y);
        });
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, ChartEncoder.getBytes(chart, "png"));
    }
}
