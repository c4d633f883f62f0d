package io.hasqlite.engine;

import io.hasqlite.stream.ChangeStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/** Tells a test what a stream was asked for. */
final class StreamCalls {

  private StreamCalls() {}

  /** Wraps a stream; {@code called} gets the method's name after each call, also a failed one. */
  static ChangeStream of(ChangeStream stream, Consumer<String> called) {
    return (ChangeStream)
        Proxy.newProxyInstance(
            ChangeStream.class.getClassLoader(),
            new Class<?>[] {ChangeStream.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(stream, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                called.accept(method.getName());
              }
            });
  }
}
