import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.h2.mvstore.Cursor;

/** What a condition of a query means for a scan. A scan may yield too much, never too little: the query filters it. */
final class Scans {
    private static final Set<String> BOUNDS = Set.of("$gt", "$gte", "$lt", "$lte");

    private Scans() {}

    /** Whether the condition is equality with one plain value, which is a key in an index. */
    static boolean isPlain(Object condition) {
        return !(condition == null || condition instanceof Missing || condition instanceof Map
            || condition instanceof Collection || condition instanceof BsonRegularExpression);
    }

    /** The condition if it is nothing but bounds with plain values, else null. */
    static Document bounds(Object condition) {
        boolean isBounds = condition instanceof Document document && !document.isEmpty()
            && BOUNDS.containsAll(document.keySet()) && document.values().stream().allMatch(Scans::isPlain);
        return isBounds ? (Document) condition : null;
    }

    static Object lowest(Document bounds) {
        return bounds == null ? null : bounds.getOrDefault("$gt", bounds.get("$gte"));
    }

    static Object highest(Document bounds) {
        return bounds == null ? null : bounds.getOrDefault("$lt", bounds.get("$lte"));
    }

    static <K, V> Iterator<V> values(Cursor<K, V> cursor) {
        return new Iterator<>() {
            @Override public boolean hasNext() { return cursor.hasNext(); }
            @Override public V next() {
                cursor.next();
                return cursor.getValue();
            }
        };
    }

    static <T> Stream<T> stream(Iterator<T> items) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, Spliterator.ORDERED), false);
    }
}
