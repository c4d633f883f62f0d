package io.hasqlite.boot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** What the properties say about NATS. */
final class PropertiesHaSqliteConnectionDetails implements HaSqliteConnectionDetails {

  private final HaSqliteProperties.Nats properties;
  private final String url;
  private final @Nullable SslBundles sslBundles;

  PropertiesHaSqliteConnectionDetails(
      HaSqliteProperties.Nats properties, String url, @Nullable SslBundles sslBundles) {
    this.properties = properties;
    this.url = url;
    this.sslBundles = sslBundles;
  }

  @Override
  public String getUrl() {
    return url;
  }

  @Override
  public @Nullable String getUsername() {
    return properties.username();
  }

  @Override
  public @Nullable String getPassword() {
    return properties.password();
  }

  @Override
  public @Nullable String getToken() {
    return properties.token();
  }

  @Override
  public @Nullable String getCredentialsFile() {
    return properties.credentialsFile();
  }

  @Override
  public @Nullable String getNkeyFile() {
    return properties.nkeyFile();
  }

  @Override
  public @Nullable SslBundle getSslBundle() {
    String bundle = properties.ssl().bundle();
    if (bundle == null) {
      return null;
    }
    if (sslBundles == null || !sslBundles.getBundleNames().contains(bundle)) {
      throw new InvalidPropertyException(
          "ha.sqlite.nats.ssl.bundle is \""
              + bundle
              + "\", but there is no SSL bundle of that name",
          null);
    }
    return sslBundles.getBundle(bundle);
  }
}
