package io.crablet.autoconfigure.pool;

import com.zaxxer.hikari.HikariDataSource;
import io.crablet.pool.hikari.HikariLendingPool;
import io.crablet.pool.ledger.BorrowContext;
import io.crablet.pool.ledger.ConnectionLedger;
import io.crablet.pool.ledger.LedgerSettings;
import io.crablet.pool.postgres.PostgresSessions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.cglib.core.SpringNamingPolicy;
import org.springframework.cglib.proxy.Callback;
import org.springframework.cglib.proxy.Dispatcher;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.Factory;
import org.springframework.cglib.proxy.FixedValue;
import org.springframework.cglib.proxy.InvocationHandler;
import org.springframework.cglib.proxy.NoOp;
import org.springframework.objenesis.SpringObjenesis;

/**
 * Lends a data source's connections through a ledger. The data source is otherwise as it was; it also unwraps to the ledger, and
 * to its own classes as itself, so that who unwraps the pool borrows through the ledger too. To Spring it is a proxy as its own
 * are; but a borrow has fewer frames on its stack, each of which the ledger would have to walk.
 */
final class LedgerProxy implements InvocationHandler, FixedValue {

    private static final SpringObjenesis WITHOUT_CONSTRUCTOR = new SpringObjenesis();

    private final DataSource target;

    private final ConnectionLedger ledger;

    private LedgerProxy(DataSource target, ConnectionLedger ledger) {
        this.target = target;
        this.ledger = ledger;
    }

    /** Puts a ledger around a data source, which keeps its class. */
    static DataSource around(DataSource dataSource, ConnectionLedger ledger) {
        ProxyFactory advised = new ProxyFactory();
        advised.setTarget(dataSource);
        advised.setProxyTargetClass(true);
        // Advice that somebody adds later would never be asked.
        advised.setFrozen(true);
        Enhancer enhancer = new Enhancer();
        enhancer.setSuperclass(dataSource.getClass());
        enhancer.setInterfaces(new Class<?>[] {SpringProxy.class, Advised.class});
        enhancer.setNamingPolicy(SpringNamingPolicy.INSTANCE);
        enhancer.setCallbackFilter(LedgerProxy::callback);
        LedgerProxy handler = new LedgerProxy(dataSource, ledger);
        Callback[] callbacks = {
            NoOp.INSTANCE, (Dispatcher) () -> dataSource, handler, handler, (Dispatcher) () -> advised
        };
        enhancer.setCallbackTypes(new Class<?>[] {
            NoOp.class, Dispatcher.class, FixedValue.class, InvocationHandler.class, Dispatcher.class
        });
        Class<?> type = enhancer.createClass();
        Object proxy = WITHOUT_CONSTRUCTOR.newInstance(type);
        ((Factory) proxy).setCallbacks(callbacks);
        return (DataSource) proxy;
    }

    /** A pool of no database with a ledger that nobody looks after, for its class, which those of all plain pools share. */
    static DataSource aroundNoPool() {
        HikariDataSource pool = new HikariDataSource();
        ConnectionLedger ledger = new ConnectionLedger(
                new HikariLendingPool("none", pool, pool),
                new PostgresSessions(),
                BorrowContext.DEFAULT,
                LedgerSettings.DEFAULTS);
        return around(pool, ledger);
    }

    private static int callback(Method method) {
        Class<?> declaring = method.getDeclaringClass();
        if (declaring.isInterface() && declaring.isAssignableFrom(Advised.class)) {
            return 4;
        }
        return switch (method.getName()) {
            case "equals", "hashCode" -> 0;
            case "getConnection" -> method.getParameterCount() == 0 ? 2 : 1;
            case "unwrap", "isWrapperFor" -> 3;
            default -> 1;
        };
    }

    /** Borrows a connection. */
    @Override
    public Object loadObject() throws SQLException {
        return ledger.borrow(new Throwable("borrowed here"));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object[] arguments) throws Throwable {
        Object known = arguments[0] instanceof Class<?> type ? known(type, proxy) : null;
        if (known != null) {
            return method.getName().equals("unwrap") ? known : Boolean.TRUE;
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private @Nullable Object known(Class<?> type, Object proxy) {
        if (type == ConnectionLedger.class) {
            return ledger;
        }
        return type.isInstance(proxy) ? proxy : null;
    }
}
