package io.crablet.pool;

import java.util.List;

/** Writes lines of code as stack traces do, without class loader and module. */
public final class Sites {

    private Sites() {}

    /**
     * The line of code that some frames begin with.
     *
     * @param frames the frames, the innermost first
     * @return class, method, file and line; {@code unknown} if there are none
     */
    public static String first(List<StackTraceElement> frames) {
        return frames.isEmpty() ? "unknown" : text(frames.get(0));
    }

    /**
     * A line of code.
     *
     * @param frame where
     * @return class, method, file and line
     */
    public static String text(StackTraceElement frame) {
        String at = frame.getFileName() == null ? "unknown source" : frame.getFileName() + ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + at + ")";
    }
}
