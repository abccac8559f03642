package io.crablet.pool;

import java.util.Locale;

/** How far a borrowed connection is from coming back by itself. */
public enum BorrowGrade {

    /** Held no longer than is usual. */
    NORMAL,

    /** Held for longer than {@code suspect-after}. */
    SUSPECT,

    /** Nobody can return it any more: no thread can reach it, nor anything that was opened through it. */
    LEAKED;

    /**
     * Returns the grade as JSON and logs show it.
     *
     * @return the name in lower case
     */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
