package io.hasqlite.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.engine.EngineListener;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompositeEngineListenerTests {

  @Test
  void allThatCanBeHeardIsPassedOnToEachListener() throws Exception {
    List<String> heard = new ArrayList<>();
    EngineListener composite =
        new CompositeEngineListener(List.of(listener("first", heard), listener("second", heard)));
    for (Method method : EngineListener.class.getMethods()) {
      heard.clear();
      Object[] arguments = new Object[method.getParameterCount()];
      for (int i = 0; i < arguments.length; i++) {
        Class<?> type = method.getParameterTypes()[i];
        arguments[i] = type == long.class ? (Object) 1L : type == boolean.class ? true : null;
      }
      method.invoke(composite, arguments);
      assertThat(heard).containsExactly("first " + method.getName(), "second " + method.getName());
    }
  }

  private static EngineListener listener(String name, List<String> heard) {
    return (EngineListener)
        Proxy.newProxyInstance(
            EngineListener.class.getClassLoader(),
            new Class<?>[] {EngineListener.class},
            (proxy, method, arguments) -> {
              heard.add(name + " " + method.getName());
              return method.getName().equals("of") ? proxy : null;
            });
  }
}
