package io.crablet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a server that a test can cut or fill with silence. */
public final class TcpForwarder implements AutoCloseable {

    private final String host;

    private final int target;

    private final int port;

    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    private volatile ServerSocket listener;

    private volatile boolean silent;

    public TcpForwarder(String host, int target) throws IOException {
        this.host = host;
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.port = listener.getLocalPort();
        accept(listener);
    }

    public int port() {
        return port;
    }

    /** Ends all connections and refuses new ones. */
    public void cut() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /** Keeps connections and takes new ones, but lets nothing through. */
    public void silence() {
        silent = true;
    }

    public void restore() throws IOException {
        silent = false;
        if (listener.isClosed()) {
            ServerSocket again = new ServerSocket();
            again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listener = again;
            accept(again);
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }

    private void accept(ServerSocket from) {
        start(() -> {
            while (true) {
                Socket client = from.accept();
                Socket server = new Socket(host, target);
                sockets.add(client);
                sockets.add(server);
                if (from.isClosed()) {
                    // The system may still give out a connection that came while it was being closed.
                    client.close();
                    server.close();
                    return;
                }
                start(() -> pump(client, server));
                start(() -> pump(server, client));
            }
        });
    }

    private void pump(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!silent) {
                    out.write(buffer, 0, n);
                }
            }
        }
    }

    private static void start(IoTask task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // How a socket that was closed on purpose ends its thread.
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface IoTask {
        void run() throws IOException;
    }
}
