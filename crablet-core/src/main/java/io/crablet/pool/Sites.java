package io.crablet.pool;

import java.util.List;

/** Writes lines of code. */
final class Sites {

    private Sites() {}

    /** The first of some frames, as {@code class.method(file:line)} without class loader and module. */
    static String first(List<StackTraceElement> frames) {
        return frames.isEmpty() ? "unknown" : text(frames.get(0));
    }

    static String text(StackTraceElement frame) {
        String at = frame.getFileName() == null ? "unknown source" : frame.getFileName() + ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + at + ")";
    }
}
