package io.crablet.pool.ledger;

import java.io.ByteArrayInputStream;
import java.io.CharArrayReader;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.sql.RowId;
import java.sql.Savepoint;
import java.util.Calendar;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which objects hold all that they show, so that nobody can use a connection through them. Of one that is not known, it is not said. */
final class Values {

    private static final Set<Class<?>> CLASSES = Set.of(
            BigDecimal.class,
            BigInteger.class,
            UUID.class,
            URL.class,
            ByteArrayInputStream.class,
            CharArrayReader.class,
            StringReader.class);

    /** Of the driver, which need not be there: what it keeps of a value of a type that it has no class for, and of a {@code NOTIFY}. */
    private static final Set<String> DRIVERS =
            Set.of("org.postgresql.util.PGobject", "org.postgresql.core.Notification");

    private static final ClassValue<Boolean> KNOWN = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return isValue(type);
        }
    };

    private Values() {}

    static boolean isValue(@Nullable Object object) {
        if (object == null || KNOWN.get(object.getClass())) {
            return true;
        }
        if (object instanceof Object[] elements) {
            for (Object element : elements) {
                if (!isValue(element)) {
                    return false;
                }
            }
            return true;
        }
        return false;
    }

    private static boolean isValue(Class<?> type) {
        return type.isArray() ? isValueAsElement(type.getComponentType()) : isValueByName(type) || isValueByKind(type);
    }

    /** Of another one, each element has to be looked at. */
    private static boolean isValueAsElement(Class<?> type) {
        return type.isPrimitive() || type != Object.class && !type.isInterface() && isValue(type);
    }

    private static boolean isValueByName(Class<?> type) {
        if (CLASSES.contains(type)
                || type.getPackageName().equals("java.lang")
                || type.getPackageName().startsWith("java.time")) {
            return true;
        }
        for (Class<?> known = type; known != null; known = known.getSuperclass()) {
            if (DRIVERS.contains(known.getName())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isValueByKind(Class<?> type) {
        return Enum.class.isAssignableFrom(type)
                || Date.class.isAssignableFrom(type)
                || Calendar.class.isAssignableFrom(type)
                || Throwable.class.isAssignableFrom(type)
                || Savepoint.class.isAssignableFrom(type)
                || RowId.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type) && type.getPackageName().equals("java.util");
    }
}
