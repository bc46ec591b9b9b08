import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** How documents and keys lie in the store: as BSON, with keys in MongoDB's own order of values. */
final class StoredTypes {
    private static final ValueComparator ORDER = ValueComparator.asc();
    /**
     * A key of so many strings and of nothing else, which is what most indexes hold, is stored as their number and
     * their texts: in a fraction of the room and the time. BSON begins with its length, which is never as small: a
     * document of one value takes eight bytes.
     */
    private static final int MOST_STRINGS = 4;

    private StoredTypes() {}

    /** The map that holds a collection's documents, ordered by _id. */
    @SuppressWarnings({"rawtypes", "unchecked"})
    static MVMap<Object, Document> documents(MVStore store, String name) {
        return store.openMap(name,
            new MVMap.Builder().keyType(new Keys<>(Object.class)).valueType(new Documents()));
    }

    /** A map from keys of this class (KeyValue, or List) to the place of a document. */
    @SuppressWarnings({"rawtypes", "unchecked"})
    static <K> MVMap<K, Object> places(MVStore store, String name, Class<K> keys) {
        return store.openMap(name, new MVMap.Builder().keyType(new Keys(keys)).valueType(new Keys<>(Object.class)));
    }

    private static void write(WriteBuffer target, Document document) {
        ByteBuf bson = Unpooled.buffer(512);
        BsonEncoder.encodeDocument(document, bson);
        target.putVarInt(bson.readableBytes()).put(bson.array(), 0, bson.readableBytes());
    }

    private static Document read(ByteBuffer source, int length) {
        byte[] bson = new byte[length];
        source.get(bson);
        return BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bson));
    }

    /** About how many bytes of heap a value takes: the store's cache counts with it. */
    private static int heapBytes(Object value) {
        if (value instanceof Map<?, ?> map) {
            return 80 + map.values().stream().mapToInt(item -> 90 + heapBytes(item)).sum();
        }
        if (value instanceof Collection<?> items) {
            return 60 + items.stream().mapToInt(item -> 8 + heapBytes(item)).sum();
        }
        return value instanceof String text ? 48 + text.length() : 24;
    }

    private static final class Documents extends BasicDataType<Document> {
        @Override public int getMemory(Document document) { return heapBytes(document); }
        @Override public void write(WriteBuffer target, Document document) { StoredTypes.write(target, document); }
        @Override public Document read(ByteBuffer source) { return StoredTypes.read(source, DataUtils.readVarInt(source)); }
        @Override public Document[] createStorage(int size) { return new Document[size]; }
    }

    /** Keys of one value (Object), of a unique index (KeyValue), or of an ordered index (List). */
    private static final class Keys<K> extends BasicDataType<K> {
        private final Class<K> type;

        Keys(Class<K> type) { this.type = type; }

        private List<?> values(Object key) {
            if (type == KeyValue.class) {
                return ((KeyValue) key).stream().collect(Collectors.toList());
            }
            return type == List.class ? (List<?>) key : Collections.singletonList(key);
        }

        /** A key sorts before those that it is the beginning of, so that it can bound a scan. */
        @Override public int compare(K left, K right) {
            if (type == Object.class) {
                return compareValues(left, right);
            }
            List<?> lefts = values(left);
            List<?> rights = values(right);
            int shared = Math.min(lefts.size(), rights.size());
            for (int i = 0; i < shared; i++) {
                int order = compareValues(lefts.get(i), rights.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(lefts.size(), rights.size());
        }

        /** As ORDER does, which looks for the kind of each value first; nearly all are strings. */
        private static int compareValues(Object left, Object right) {
            return left instanceof String one && right instanceof String other
                ? one.compareTo(other)
                : ORDER.compare(left, right);
        }

        @Override public int binarySearch(K key, Object storage, int size, int initialGuess) {
            @SuppressWarnings("unchecked") K[] keys = (K[]) storage;
            int low = 0;
            int high = size - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = compare(key, keys[middle]);
                if (order == 0) {
                    return middle;
                }
                if (order > 0) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return ~low;
        }

        @Override public int getMemory(K key) { return heapBytes(values(key)); }

        @Override public void write(WriteBuffer target, K key) {
            List<?> values = values(key);
            if (isFewStrings(values)) {
                target.putVarInt(values.size() + 1);
                for (Object value : values) {
                    byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
                    target.putVarInt(text.length).put(text);
                }
                return;
            }
            Document numbered = new Document();
            for (Object value : values) {
                numbered.put(Integer.toString(numbered.size()), Missing.isNullOrMissing(value) ? null : value);
            }
            StoredTypes.write(target, numbered);
        }

        private static boolean isFewStrings(List<?> values) {
            if (values.size() > MOST_STRINGS) {
                return false;
            }
            for (Object value : values) {
                if (!(value instanceof String)) {
                    return false;
                }
            }
            return true;
        }

        @SuppressWarnings("unchecked")
        @Override public K read(ByteBuffer source) {
            List<Object> values = new ArrayList<>(MOST_STRINGS);
            int first = DataUtils.readVarInt(source);
            if (first > MOST_STRINGS + 1) {
                values.addAll(StoredTypes.read(source, first).values());
            } else {
                for (int i = 1; i < first; i++) {
                    byte[] text = new byte[DataUtils.readVarInt(source)];
                    source.get(text);
                    values.add(new String(text, StandardCharsets.UTF_8));
                }
            }
            if (type == Object.class) {
                return (K) Missing.ofNullable(values.get(0));
            }
            return type == KeyValue.class ? (K) new KeyValue(values) : (K) values;
        }

        @SuppressWarnings("unchecked")
        @Override public K[] createStorage(int size) { return (K[]) java.lang.reflect.Array.newInstance(type, size); }
    }
}
