import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.h2.mvstore.MVStore;

/**
 * A server that speaks MongoDB's protocol, for machines that have no MongoDB.
 *
 * <p>Arguments: the address and port to listen on, and the file to keep everything in ("memory": in none, with the
 * stock server's own query code, which tests compare with).
 */
public final class MongoStandIn {
    private static final int CACHE_MB = 256;
    // A commit writes every page that it changed anew. A product changes pages all over its indexes, so with pages of
    // the default size, eight times as large, most of what is written is what was there already.
    private static final int PAGE_BYTES = 2048;
    // The store writes on its own what no commit has written, each time that it is so many KB: with the default of
    // 1 MB many times within a call, the same pages again and again. A quarter of it is what the store moves at once
    // when it tidies its file; commits wait for that, so no more than this.
    private static final int UNCOMMITTED_KB = 8 * 1024;
    // How much of the file's oldest parts may be out of date before what is left of them is written anew. The default
    // of 90 % in use makes more work of that than of the writes themselves.
    private static final int LEAST_IN_USE_PERCENT = 40;
    // How long space that nothing uses any more is kept from being written again; the default lets the file grow.
    private static final int RETENTION_MS = 5000;
    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findandmodify", "createindexes",
        "dropindexes", "drop", "dropdatabase", "create", "renamecollection", "aggregate");

    /** The oldest protocol that current drivers accept. */
    private static final class Version implements MongoVersion {
        @Override public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
        @Override public int getWireVersion() { return 13; }
    }

    /** Keeps everything in a file, and answers a write when it is there: kill -9 loses nothing acknowledged. */
    private static final class StoredBackend extends H2Backend {
        StoredBackend(MVStore store) { super(store); }

        @Override protected MongoDatabase openOrCreateDatabase(String name) {
            return new IndexedDatabase(name, getMvStore(), getCursorRegistry());
        }

        @Override public Document handleMessage(MongoMessage message) {
            // Keeps the version of the store that this command reads from being overwritten under it.
            MVStore.TxCounter reading = getMvStore().registerVersionUsage();
            Document reply;
            try {
                reply = super.handleMessage(message);
            } finally {
                getMvStore().deregisterVersionUsage(reading);
            }
            String command = message.getDocument().keySet().iterator().next();
            if (WRITES.contains(command.toLowerCase(Locale.ROOT))) {
                commit();
            }
            return reply;
        }

        /** Knows the command with which current drivers greet a server. */
        @Override public Document handleCommand(Channel channel, String database, String command, Document query) {
            if (!command.equalsIgnoreCase("hello")) {
                return super.handleCommand(channel, database, command, query);
            }
            return super.handleCommand(channel, database, "ismaster", query)
                .append("isWritablePrimary", true).append("helloOk", true);
        }
    }

    private MongoStandIn() {}

    private static MongoBackend backend(String file) {
        if (file.equals("memory")) {
            return new MemoryBackend();
        }
        MVStore store = new MVStore.Builder().fileName(file).cacheSize(CACHE_MB).pageSplitSize(PAGE_BYTES).compress()
            .autoCommitBufferSize(UNCOMMITTED_KB).autoCompactFillRate(LEAST_IN_USE_PERCENT).open();
        store.setRetentionTime(RETENTION_MS);
        return new StoredBackend(store);
    }

    public static void main(String[] arguments) {
        MongoServer server = null;
        try {
            MongoBackend backend = backend(arguments[2]);
            backend.version(new Version());
            server = new MongoServer(backend);
            server.bind(arguments[0], Integer.parseInt(arguments[1]));
        } catch (RuntimeException problem) {
            System.err.println("The MongoDB stand-in cannot start: " + problem);
            // Threads of the network library and of the store would keep the program alive.
            System.exit(1);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    }
}
