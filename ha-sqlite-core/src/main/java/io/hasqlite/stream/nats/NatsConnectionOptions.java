package io.hasqlite.stream.nats;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Where NATS is and how to log in. Immutable; its text holds no secret. */
public final class NatsConnectionOptions {

  private static final NatsOptionsCustomizer NO_CHANGE = options -> {};
  private static final Pattern USER_INFO = Pattern.compile("://[^@\\s]*@");

  private final List<String> urls;
  private final @Nullable String username;
  private final @Nullable String password;
  private final @Nullable String token;
  private final @Nullable Path credentialsFile;
  private final @Nullable Path nkeyFile;
  private final @Nullable Supplier<SSLContext> sslContext;
  private final NatsOptionsCustomizer customizer;

  private NatsConnectionOptions(Builder builder) {
    urls = List.copyOf(builder.urls);
    username = builder.username;
    password = builder.password;
    token = builder.token;
    credentialsFile = builder.credentialsFile;
    nkeyFile = builder.nkeyFile;
    sslContext = builder.sslContext;
    customizer = builder.customizer;
  }

  /**
   * Starts with the addresses of the servers of one cluster.
   *
   * @param urls such as {@code nats://host:4222} or {@code tls://user:secret@host}; one text may
   *     hold several, separated by commas
   */
  public static Builder servers(String... urls) {
    return new Builder(
        Arrays.stream(urls)
            .flatMap(text -> Arrays.stream(text.split(",")))
            .map(String::trim)
            .filter(url -> !url.isEmpty())
            .map(url -> url.contains("://") ? url : "nats://" + url)
            .collect(Collectors.toCollection(ArrayList::new)));
  }

  /** Returns a builder with these options, but for the address of a server of our own. */
  public Builder toBuilder(String url) {
    Builder builder = servers(url);
    builder.username = username;
    builder.password = password;
    builder.token = token;
    builder.credentialsFile = credentialsFile;
    builder.nkeyFile = nkeyFile;
    builder.sslContext = sslContext;
    builder.customizer = customizer;
    return builder;
  }

  /** Replaces user names, passwords and tokens of all URLs in a text. */
  static String redact(String text) {
    return USER_INFO.matcher(text).replaceAll("://***@");
  }

  List<String> urls() {
    return urls;
  }

  @Nullable String username() {
    return username;
  }

  @Nullable String password() {
    return password;
  }

  @Nullable String token() {
    return token;
  }

  @Nullable Path credentialsFile() {
    return credentialsFile;
  }

  @Nullable Path nkeyFile() {
    return nkeyFile;
  }

  @Nullable Supplier<SSLContext> sslContext() {
    return sslContext;
  }

  NatsOptionsCustomizer customizer() {
    return customizer;
  }

  /** Two are equal if they lead to the same server in the same way, with the same customizer. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NatsConnectionOptions that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<@Nullable Object> values() {
    return Arrays.asList(
        urls, username, password, token, credentialsFile, nkeyFile, sslContext, customizer);
  }

  /** Returns the addresses without user names, passwords and tokens. */
  @Override
  public String toString() {
    return redact(String.join(", ", urls));
  }

  /** Collects options. */
  public static final class Builder {

    private final List<String> urls;
    private @Nullable String username;
    private @Nullable String password;
    private @Nullable String token;
    private @Nullable Path credentialsFile;
    private @Nullable Path nkeyFile;
    private @Nullable Supplier<SSLContext> sslContext;
    private NatsOptionsCustomizer customizer = NO_CHANGE;

    private Builder(List<String> urls) {
      this.urls = urls;
    }

    /** Sets a user; one that stands in a URL comes first. */
    public Builder user(String name, String secret) {
      username = Objects.requireNonNull(name, "name");
      password = Objects.requireNonNull(secret, "secret");
      return this;
    }

    /** Sets a token; one that stands in a URL comes first. */
    public Builder token(String value) {
      token = Objects.requireNonNull(value, "token");
      return this;
    }

    /** Sets a file with a user's JWT and key; it is read at every connect. */
    public Builder credentialsFile(Path file) {
      credentialsFile = Objects.requireNonNull(file, "file");
      return this;
    }

    /** Sets a file with a user's key; it is read at every connect. */
    public Builder nkeyFile(Path file) {
      nkeyFile = Objects.requireNonNull(file, "file");
      return this;
    }

    /** Makes all connections use TLS; asked at every connect that starts anew. */
    public Builder sslContext(Supplier<SSLContext> context) {
      sslContext = Objects.requireNonNull(context, "context");
      return this;
    }

    /** Changes the client's options after all others are set. */
    public Builder customizer(NatsOptionsCustomizer value) {
      customizer = Objects.requireNonNull(value, "customizer");
      return this;
    }

    /**
     * Validates and returns the options.
     *
     * @throws IllegalArgumentException if there is no URL, one is not readable, or there are
     *     several ways to log in
     */
    public NatsConnectionOptions build() {
      if (urls.isEmpty()) {
        throw new IllegalArgumentException(
            "The address of a NATS server is missing, such as nats://localhost:4222");
      }
      urls.forEach(Builder::validate);
      List<String> logins = new ArrayList<>();
      if (username != null) {
        logins.add("a user name");
      }
      if (token != null) {
        logins.add("a token");
      }
      if (credentialsFile != null) {
        logins.add("a credentials file");
      }
      if (nkeyFile != null) {
        logins.add("an nkey file");
      }
      if (logins.size() > 1) {
        throw new IllegalArgumentException(
            "There is more than one way to log in to NATS: "
                + String.join(", ", logins)
                + ". Leave one");
      }
      return new NatsConnectionOptions(this);
    }

    private static void validate(String url) {
      try {
        URI uri = new URI(url);
        if (uri.getHost() != null) {
          return;
        }
      } catch (URISyntaxException unreadable) {
        // its message would repeat the URL with its secrets
      }
      throw new IllegalArgumentException(
          "The address of a NATS server is not readable: \""
              + url.replaceFirst("(?s)^.*@", "***@")
              + "\"; expected something like nats://localhost:4222");
    }
  }
}
