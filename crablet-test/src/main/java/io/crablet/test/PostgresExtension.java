package io.crablet.test;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a {@link TestDatabase}: declare it as a parameter of the constructor, of a test method or of a
 * lifecycle method. There is one for each test class, which its nested classes share; it is created when it is first
 * asked for and dropped after the class.
 *
 * <pre>{@code
 * @ExtendWith(PostgresExtension.class)
 * class OrdersTests {
 *
 *     OrdersTests(TestDatabase database) { … }
 * }
 * }</pre>
 */
public final class PostgresExtension implements ParameterResolver {

    private static final Namespace NAMESPACE = Namespace.create(PostgresExtension.class);

    /** For JUnit, which makes the instance. */
    public PostgresExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestDatabase.class;
    }

    @Override
    public TestDatabase resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // JUnit closes what a store holds when the store's context ends: here, after the outermost test class.
        return outermostClass(context)
                .getStore(NAMESPACE)
                .computeIfAbsent(
                        TestDatabase.class, type -> PostgresServer.shared().createDatabase(), TestDatabase.class);
    }

    private static ExtensionContext outermostClass(ExtensionContext context) {
        return context.getParent()
                .filter(parent -> parent.getTestClass().isPresent())
                .map(PostgresExtension::outermostClass)
                .orElse(context);
    }
}
