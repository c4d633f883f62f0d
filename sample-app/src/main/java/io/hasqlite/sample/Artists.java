package io.hasqlite.sample;

import io.hasqlite.boot.event.ChangeSetAppliedEvent;
import java.util.Optional;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Names of artists, from a cache of this node: what another node renames is dropped from it when
 * that is visible here.
 */
@Service
class Artists {

  private static final String CACHE = "artists";

  private final JdbcClient jdbc;
  private final Optional<Cache> cache;

  Artists(JdbcClient jdbc, CacheManager caches) {
    this.jdbc = jdbc;
    this.cache = Optional.ofNullable(caches.getCache(CACHE));
  }

  @Cacheable(CACHE)
  public Optional<String> name(String id) {
    return jdbc.sql("SELECT name FROM artist WHERE id = ?")
        .param(id)
        .query(String.class)
        .optional();
  }

  @CacheEvict(cacheNames = CACHE, key = "#id")
  public boolean rename(String id, String name) {
    return jdbc.sql("UPDATE artist SET name = ? WHERE id = ?").params(name, id).update() > 0;
  }

  @EventListener
  void changed(ChangeSetAppliedEvent event) {
    cache.ifPresent(
        names ->
            event
                .keys("artist")
                .ifPresentOrElse(
                    keys -> keys.forEach(key -> names.evict(String.valueOf(key.get("id")))),
                    names::clear));
  }
}
