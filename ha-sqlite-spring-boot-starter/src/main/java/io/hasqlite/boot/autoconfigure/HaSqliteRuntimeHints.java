package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariConfig;
import io.hasqlite.server.EmbeddedServerOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image must keep although nobody calls it by name. Properties are known to Spring
 * Boot, SQLite's library and its calls back to the image builder's feature in sqlite-jdbc; jnats
 * and the core load nothing by name.
 */
final class HaSqliteRuntimeHints implements RuntimeHintsRegistrar {

  @Override
  public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
    // HikariConfig.copyStateTo goes through its fields.
    hints.reflection().registerType(HikariConfig.class, MemberCategory.ACCESS_DECLARED_FIELDS);
    // Two databases that want one embedded server in two ways are told the difference.
    hints
        .reflection()
        .registerType(EmbeddedServerOptions.class, MemberCategory.INVOKE_DECLARED_METHODS);
  }
}
