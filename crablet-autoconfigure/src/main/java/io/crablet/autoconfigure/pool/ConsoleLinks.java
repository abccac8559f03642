package io.crablet.autoconfigure.pool;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.web.util.UriUtils;

/** Where the console is, and where whoever looks at it may operate pools. */
final class ConsoleLinks {

    private static final EndpointId CONSOLE = EndpointId.of("poolconsole");

    private static final EndpointId POOL = EndpointId.of("pool");

    private final EndpointAccessResolver access;

    private final Supplier<PathMappedEndpoints> paths;

    private final ConsoleRequest request;

    /**
     * Makes them.
     *
     * @param access says what endpoints may be used for
     * @param paths says where they are; not to be asked before all of them are there
     * @param request knows who asks
     */
    ConsoleLinks(EndpointAccessResolver access, Supplier<PathMappedEndpoints> paths, ConsoleRequest request) {
        this.access = access;
        this.paths = paths;
        this.request = request;
    }

    /** The last part of the page's address. */
    String ownName() {
        List<String> own = parts(paths.get().getRootPath(CONSOLE));
        return own.get(own.size() - 1);
    }

    /** Where to POST operations to, by pool, relative to the page's address; only of pools that this reader may operate. */
    Map<String, String> operations(Collection<String> pools) {
        Map<String, String> urls = new LinkedHashMap<>();
        String path = paths.get().getPath(POOL);
        if (path != null && access.accessFor(POOL, Access.READ_ONLY) == Access.UNRESTRICTED) {
            for (String pool : pools) {
                String encoded = UriUtils.encodePathSegment(pool, StandardCharsets.UTF_8);
                if (request.mayPost(path + "/" + encoded)) {
                    urls.put(pool, fromPageToEndpoint() + encoded);
                }
            }
        }
        return urls;
    }

    private String fromPageToEndpoint() {
        int up = parts(paths.get().getRootPath(CONSOLE)).size() - 1;
        List<String> down = parts(paths.get().getRootPath(POOL));
        return "../".repeat(up) + String.join("/", down) + "/";
    }

    private static List<String> parts(@Nullable String path) {
        return path == null
                ? List.of()
                : Arrays.stream(path.split("/")).filter(part -> !part.isEmpty()).toList();
    }
}
