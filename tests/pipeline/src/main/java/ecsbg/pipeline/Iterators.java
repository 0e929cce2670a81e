package ecsbg.pipeline;

import com.cloudbees.groovy.cps.impl.Caller;
import java.io.Serializable;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * A Groovy category, in force while the program runs: the iterators and views that Jenkins replaces by ones that can be saved.
 * Jenkins does not replace the iterator of a Map itself, so `for (e in map)` with a step inside fails here as it does there.
 */
public final class Iterators {
    private Iterators() {}

    private static final class Index<E> implements Iterator<E>, Serializable {
        private static final long serialVersionUID = 1L;
        private final List<E> list;
        private int next;

        Index(List<E> list) {
            this.list = list;
        }

        @Override
        public boolean hasNext() {
            return next < list.size();
        }

        @Override
        public E next() {
            if (!hasNext()) throw new NoSuchElementException();
            return list.get(next++);
        }

        @Override
        public void remove() {
            list.remove(--next);
        }
    }

    public static <E> Iterator<E> iterator(List<E> list) {
        return new Index<>(list);
    }

    public static <E> Iterator<E> iterator(Set<E> set) {
        return new Index<>(new ArrayList<>(set));
    }

    public static <K, V> Set<Map.Entry<K, V>> entrySet(Map<K, V> map) {
        if (!fromProgram(map, "entrySet")) return map.entrySet();
        Set<Map.Entry<K, V>> copy = new LinkedHashSet<>();
        for (Map.Entry<K, V> e : map.entrySet()) copy.add(new AbstractMap.SimpleImmutableEntry<>(e));
        return copy;
    }

    public static <K> Set<K> keySet(Map<K, ?> map) {
        return fromProgram(map, "keySet") ? new LinkedHashSet<>(map.keySet()) : map.keySet();
    }

    public static <V> Collection<V> values(Map<?, V> map) {
        return fromProgram(map, "values") ? new ArrayList<>(map.values()) : map.values();
    }

    /** Whether transformed code calls, rather than a `@NonCPS` method. */
    private static boolean fromProgram(Map<?, ?> map, String method) {
        return Caller.isAsynchronous(map, method) || Caller.isAsynchronous(Iterators.class, method, map);
    }
}
