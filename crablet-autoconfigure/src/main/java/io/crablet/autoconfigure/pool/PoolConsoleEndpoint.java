package io.crablet.autoconfigure.pool;

import java.util.Map;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.MimeTypeUtils;

/**
 * The console: a page that shows the pools, its files, and the data that it asks for. It only reads; operations are those of
 * {@link PoolEndpoint}.
 */
@WebEndpoint(id = "poolconsole", defaultAccess = Access.READ_ONLY)
final class PoolConsoleEndpoint {

    /** The path, beside the files, of the data. */
    private static final String POOLS = "pools";

    private final ConsoleFiles files;

    private final ConsoleReporter reporter;

    private final ConsoleLinks links;

    private final ConsoleRequest request;

    private final Show showSql;

    PoolConsoleEndpoint(
            ConsoleFiles files, ConsoleReporter reporter, ConsoleLinks links, ConsoleRequest request, Show showSql) {
        this.files = files;
        this.reporter = reporter;
        this.links = links;
        this.request = request;
        this.showSql = showSql;
    }

    /**
     * What there is to say when something is not there.
     *
     * @param message a sentence
     */
    record NotFound(String message) implements OperationResponseBody {}

    @ReadOperation(produces = MimeTypeUtils.TEXT_HTML_VALUE)
    WebEndpointResponse<byte[]> page() {
        ConsoleFiles.Content page = files.page(links.ownName());
        request.guardAnswer();
        return new WebEndpointResponse<>(page.bytes(), page.type());
    }

    @ReadOperation(
            produces = {
                MimeTypeUtils.APPLICATION_JSON_VALUE,
                ConsoleFiles.JAVASCRIPT,
                ConsoleFiles.CSS,
                ConsoleFiles.SVG
            })
    WebEndpointResponse<Object> fileOrPools(@Selector String selectedFile) {
        if (selectedFile.equals(POOLS)) {
            Map<String, String> operations = links.operations(reporter.pools());
            return json(
                    reporter.all(operations, operations.isEmpty() ? null : request.csrf()),
                    WebEndpointResponse.STATUS_OK);
        }
        ConsoleFiles.Content file = files.file(selectedFile);
        if (file == null) {
            return notFound("There is no such file.");
        }
        request.guardAnswer();
        return new WebEndpointResponse<>(file.bytes(), file.type());
    }

    @ReadOperation(produces = MimeTypeUtils.APPLICATION_JSON_VALUE)
    WebEndpointResponse<Object> pool(
            @Selector String selectedList, @Selector String selectedPool, SecurityContext security) {
        if (!selectedList.equals(POOLS)) {
            return notFound("There is no such file.");
        }
        return reporter.has(selectedPool)
                ? json(reporter.one(selectedPool, showSql.isShown(security, Set.of())), WebEndpointResponse.STATUS_OK)
                : notFound(reporter.noSuchPool(selectedPool));
    }

    private WebEndpointResponse<Object> notFound(String message) {
        return json(new NotFound(message), WebEndpointResponse.STATUS_NOT_FOUND);
    }

    private WebEndpointResponse<Object> json(OperationResponseBody body, int status) {
        request.guardAnswer();
        return new WebEndpointResponse<>(body, status, MimeTypeUtils.APPLICATION_JSON);
    }
}
