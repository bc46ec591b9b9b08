import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.MaxKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * An index that is not unique, of one or several fields, in their order: the stock server only remembers its name.
 * Its keys are the fields' values and the _id; a document with an array has one for each item (multikey).
 */
@SuppressWarnings("rawtypes")
final class OrderedIndex extends Index<Object> {
    private final MVMap<List, Object> places;
    private final MVMap<String, Object> multikeys;
    private final String mapName;
    final List<String> fields;

    OrderedIndex(MVStore store, String mapName, String name, List<IndexKey> keys) {
        super(name, keys, true);
        this.mapName = mapName;
        places = StoredTypes.places(store, mapName, List.class);
        multikeys = store.openMap("multikey");
        fields = keys.stream().map(IndexKey::getKey).collect(Collectors.toList());
    }

    /**
     * Whether a document has had several values in one of the fields from this one on. If not, and the fields before
     * it are fixed to one value each, the order of keys is that of documents, and each document comes once.
     */
    boolean isMultikeyFrom(int first) {
        return fields.subList(first, fields.size()).stream().anyMatch(field -> multikeys.containsKey(flag(field)));
    }

    private String flag(String field) { return mapName + "/" + field; }

    private void noteMultikeys(List<List<Object>> keys) {
        for (int i = 0; i < fields.size(); i++) {
            int position = i;
            long values = keys.stream().map(key -> key.get(position)).distinct().count();
            if (values > 1 && !multikeys.containsKey(flag(fields.get(i)))) {
                multikeys.put(flag(fields.get(i)), true);
            }
        }
    }

    /** The places of documents whose first fields have these values and the next one lies within the bounds. */
    Iterator<Object> scan(List<Object> equal, Object lowest, Object highest, boolean backwards) {
        List<Object> from = new ArrayList<>(equal);
        List<Object> to = new ArrayList<>(equal);
        if (lowest != null) {
            from.add(lowest);
        }
        if (highest != null) {
            to.add(highest);
        }
        to.add(MaxKey.getInstance());
        Cursor<List, Object> cursor = backwards ? places.cursor(to, from, true) : places.cursor(from, to, false);
        return Scans.values(cursor);
    }

    private List<List<Object>> keysOf(Document document) {
        List<List<Object>> keys = new ArrayList<>();
        getKeyValues(document).forEach(values -> {
            List<Object> key = values.stream().collect(Collectors.toCollection(ArrayList::new));
            key.add(document.get("_id"));
            keys.add(key);
        });
        return keys;
    }

    @Override public void add(Document document, Object place, MongoCollection<Object> collection) {
        List<List<Object>> keys = keysOf(document);
        noteMultikeys(keys);
        keys.forEach(key -> places.put(key, place));
    }

    @Override public Object remove(Document document) {
        keysOf(document).forEach(places::remove);
        return null;
    }

    @Override public void updateInPlace(Document before, Document after, Object place, MongoCollection<Object> all) {
        if (!nullAwareEqualsKeys(before, after)) {
            remove(before);
            add(after, place, all);
        }
    }

    @Override public void drop() {
        places.clear();
        fields.forEach(field -> multikeys.remove(flag(field)));
    }

    @Override public long getCount() { return places.sizeAsLong(); }
    @Override public long getDataSize() { return getCount(); }

    // It refuses no document and answers no query on its own: IndexedCollection plans with it.
    @Override public void checkAdd(Document document, MongoCollection<Object> collection) {}
    @Override public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {}
    @Override public Object getPosition(Document document) { return null; }
    @Override public boolean canHandle(Document query) { return false; }
    @Override public Iterable<Object> getPositions(Document query) { throw new UnsupportedOperationException(); }
}
