import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import java.util.List;
import org.h2.mvstore.MVStore;

/** A database whose collections and indexes are those that can be scanned in order. */
final class IndexedDatabase extends H2Database {
    // The constructor of the superclass opens the collections, before this object has a field of its own.
    private static final ThreadLocal<MVStore> OPENING = new ThreadLocal<>();
    private final MVStore store;

    IndexedDatabase(String name, MVStore store, CursorRegistry cursors) {
        super(name, opening(store), cursors);
        this.store = store;
    }

    private static MVStore opening(MVStore store) {
        OPENING.set(store);
        return store;
    }

    private MVStore store() { return store == null ? OPENING.get() : store; }

    private String mapName(String collection, String index) {
        return getFullCollectionNamespace(collection) + "._index_" + index;
    }

    @Override protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
        String namespace = getFullCollectionNamespace(name);
        return new IndexedCollection(this, name, options, StoredTypes.documents(store(), "databases." + namespace),
            store().openMap("meta." + namespace), cursorRegistry);
    }

    @Override protected Index<Object> openOrCreateUniqueIndex(String collection, String index,
            List<IndexKey> keys, boolean sparse) {
        // Opened first with our types: the superclass then gets this same map.
        StoredTypes.places(store(), mapName(collection, index), KeyValue.class);
        return super.openOrCreateUniqueIndex(collection, index, keys, sparse);
    }

    @Override protected Index<Object> openOrCreateSecondaryIndex(String collection, String index,
            List<IndexKey> keys, boolean sparse) {
        boolean ordered = keys.stream().map(IndexKey::getKey).noneMatch(key -> key.contains("$") || key.equals("_fts"));
        return ordered
            ? new OrderedIndex(store(), mapName(collection, index), index, keys)
            : super.openOrCreateSecondaryIndex(collection, index, keys, sparse);
    }
}
