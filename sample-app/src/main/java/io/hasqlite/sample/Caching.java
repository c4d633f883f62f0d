package io.hasqlite.sample;

import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A cache in this node's memory. */
@Configuration(proxyBeanMethods = false)
@EnableCaching
class Caching {

  @Bean
  CacheManager cacheManager() {
    return new ConcurrentMapCacheManager();
  }
}
