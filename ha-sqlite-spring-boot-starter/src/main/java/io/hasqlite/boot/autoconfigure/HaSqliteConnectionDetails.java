package io.hasqlite.boot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/**
 * Where NATS is and how to log in. A bean of this type replaces the properties below {@code
 * ha.sqlite.nats}, but not an embedded server. At most one way to log in may be given.
 */
public interface HaSqliteConnectionDetails extends ConnectionDetails {

  /** Returns the addresses of the servers of one cluster, separated by commas. */
  String getUrl();

  /** Returns the user; null to log in without one. */
  default @Nullable String getUsername() {
    return null;
  }

  /** Returns the user's password. */
  default @Nullable String getPassword() {
    return null;
  }

  /** Returns a token; null to log in without one. */
  default @Nullable String getToken() {
    return null;
  }

  /** Returns the path of a file with a user's JWT and key; null to log in without one. */
  default @Nullable String getCredentialsFile() {
    return null;
  }

  /** Returns the path of a file with a user's key; null to log in without one. */
  default @Nullable String getNkeyFile() {
    return null;
  }

  /** Returns what TLS connections are made with; null where the URL decides. */
  default @Nullable SslBundle getSslBundle() {
    return null;
  }
}
