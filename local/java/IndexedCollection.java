import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/** A collection that answers ranges and sorts by scanning an index in order, where one serves the query. */
final class IndexedCollection extends H2Collection {
    private final MVMap<Object, Document> documents;

    IndexedCollection(MongoDatabase database, String name, CollectionOptions options,
            MVMap<Object, Document> documents, MVMap<String, Object> meta, CursorRegistry cursors) {
        super(database, name, options, documents, meta, cursors);
        this.documents = documents;
    }

    /** One way to answer a query: the documents in the order of a scan, and how much of the work the scan does. */
    private record Plan(int worth, boolean sorts, java.util.function.Supplier<Stream<Document>> scan) {}

    @Override protected QueryResult queryDocuments(Document query, Document order, int skip, int limit,
            int batchSize, Document projection) {
        if (getIndexes().stream().anyMatch(index -> index.canHandle(query))) {
            return super.queryDocuments(query, order, skip, limit, batchSize, projection);
        }
        List<String> wanted = order == null ? List.of() : new ArrayList<>(order.keySet());
        Plan best = planById(query, order, wanted);
        for (Index<Object> index : getIndexes()) {
            Plan plan = index instanceof OrderedIndex ordered ? planByIndex(ordered, query, order, wanted) : null;
            if (plan != null && (best == null || plan.worth > best.worth)) {
                best = plan;
            }
        }
        if (best == null) {
            return super.queryDocuments(query, order, skip, limit, batchSize, projection);
        }
        Document sortAfterwards = best.sorts ? null : order;
        return matchDocumentsFromStream(best.scan.get(), query, sortAfterwards, skip, limit, batchSize, projection);
    }

    /** The documents themselves lie in the order of their _id. */
    private Plan planById(Document query, Document order, List<String> wanted) {
        Document bounds = Scans.bounds(query.get("_id"));
        boolean sorts = wanted.equals(List.of("_id"));
        if (!"_id".equals(getIdField()) || (bounds == null && !sorts)) {
            return null;
        }
        boolean backwards = sorts && isDescending(order, "_id");
        Object from = Scans.lowest(bounds);
        Object to = Scans.highest(bounds);
        return new Plan((bounds == null ? 0 : 3) + (sorts ? 2 : 0), sorts, () -> Scans.stream(Scans.values(
            backwards ? documents.cursor(to, from, true) : documents.cursor(from, to, false))));
    }

    private Plan planByIndex(OrderedIndex index, Document query, Document order, List<String> wanted) {
        List<Object> equal = new ArrayList<>();
        for (String field : index.fields) {
            if (!Scans.isPlain(query.get(field))) {
                break;
            }
            equal.add(query.get(field));
        }
        boolean multikey = index.isMultikeyFrom(equal.size());
        String next = equal.size() < index.fields.size() ? index.fields.get(equal.size()) : "_id";
        Document bounds = multikey ? null : Scans.bounds(query.get(next));
        Set<Boolean> directions = multikey ? Set.of() : directions(index, equal.size(), order, wanted);
        boolean sorts = directions.size() == 1;
        if (equal.isEmpty() && bounds == null && !sorts) {
            return null;
        }
        boolean backwards = sorts && directions.contains(true);
        int worth = 4 * equal.size() + (bounds == null ? 0 : 3) + (sorts ? 2 : 0);
        return new Plan(worth, sorts, () -> {
            Stream<Object> places = Scans.stream(
                index.scan(equal, Scans.lowest(bounds), Scans.highest(bounds), backwards));
            return (multikey ? places.distinct() : places).map(documents::get).filter(Objects::nonNull);
        });
    }

    /** Whether the scan's order is the wanted one: {false} forwards, {true} backwards, anything else not at all. */
    private static Set<Boolean> directions(OrderedIndex index, int equal, Document order, List<String> wanted) {
        List<String> open = new ArrayList<>(wanted);
        open.removeAll(index.fields.subList(0, equal));
        List<String> given = new ArrayList<>(index.fields.subList(equal, index.fields.size()));
        if (!given.contains("_id")) {
            given.add("_id");
        }
        if (open.size() > given.size() || !given.subList(0, open.size()).equals(open)) {
            return Set.of();
        }
        if (open.isEmpty()) {
            return wanted.isEmpty() ? Set.of() : Set.of(false);
        }
        return open.stream().map(field -> isDescending(order, field)).collect(Collectors.toSet());
    }

    private static boolean isDescending(Document order, String field) {
        return ((Number) order.get(field)).intValue() < 0;
    }
}
