package io.hasqlite.sample;

import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the shop.
 *
 * @param nodes addresses of the nodes' pages, by the nodes' names
 */
@ConfigurationProperties("shop")
record ShopProperties(@DefaultValue Map<String, String> nodes) {}
