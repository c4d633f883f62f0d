package io.hasqlite.boot.autoconfigure;

import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The application's beans that belong to one database: those with its name as qualifier, or, for
 * the default database, those without the name of any.
 */
interface DatabaseBeans {

  /** Returns the beans of a type, in their order. */
  <T> List<T> all(Class<T> type);

  /** Returns the only bean of a type, or null. */
  <T> @Nullable T one(Class<T> type);

  /** Returns the beans of the default database. */
  static DatabaseBeans ofDefault(ListableBeanFactory beans, Set<String> names) {
    return new DatabaseBeans() {

      @Override
      public <T> List<T> all(Class<T> type) {
        Set<T> others = Collections.newSetFromMap(new IdentityHashMap<>());
        names.forEach(
            name ->
                others.addAll(
                    BeanFactoryAnnotationUtils.qualifiedBeansOfType(beans, type, name).values()));
        return beans
            .getBeanProvider(type)
            .orderedStream()
            .filter(bean -> !others.contains(bean))
            .toList();
      }

      @Override
      public <T> @Nullable T one(Class<T> type) {
        List<T> found = all(type);
        return switch (found.size()) {
          case 0 -> null;
          case 1 -> found.get(0);
          default -> beans.getBeanProvider(type).getIfAvailable();
        };
      }
    };
  }

  /** Returns the beans of a named database. */
  static DatabaseBeans ofNamed(ListableBeanFactory beans, String name) {
    return new DatabaseBeans() {

      @Override
      public <T> List<T> all(Class<T> type) {
        return qualified(type).entrySet().stream()
            .sorted(Comparator.comparingInt(bean -> order(bean.getKey(), bean.getValue())))
            .map(Map.Entry::getValue)
            .toList();
      }

      @Override
      public <T> @Nullable T one(Class<T> type) {
        Map<String, T> found = qualified(type);
        if (found.size() > 1) {
          throw new NoUniqueBeanDefinitionException(type, found.keySet());
        }
        return found.isEmpty() ? null : found.values().iterator().next();
      }

      private <T> Map<String, T> qualified(Class<T> type) {
        return BeanFactoryAnnotationUtils.qualifiedBeansOfType(beans, type, name);
      }

      private int order(String bean, Object instance) {
        if (instance instanceof Ordered ordered) {
          return ordered.getOrder();
        }
        Order order = beans.findAnnotationOnBean(bean, Order.class);
        return order == null ? Ordered.LOWEST_PRECEDENCE : order.value();
      }
    };
  }
}
