package io.hasqlite.boot.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.Environment;

/**
 * The properties of named databases. What is not set below {@code ha.sqlite.databases.<name>} is as
 * for the default database, but for what can only be one database's.
 */
final class NamedDatabaseProperties {

  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("ha.sqlite");
  private static final ConfigurationPropertyName NAMED = ROOT.append("databases");

  /** Not as for the default database. */
  private static final List<ConfigurationPropertyName> NOT_INHERITED =
      List.of(ROOT.append("path"), ROOT.append("cdc-id"), ROOT.append("hikari.pool-name"), NAMED);

  /** Only for the whole application. */
  private static final List<String> ONCE =
      List.of("enabled", "migration", "nats", "read-your-writes", "databases");

  /** Can be written in every source of properties, environment variables but for the hyphen. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");

  private final Environment environment;

  NamedDatabaseProperties(Environment environment) {
    this.environment = environment;
  }

  /** Returns what the properties of a database begin with. */
  static String prefix(String name) {
    return NAMED.append(name) + ".";
  }

  /** Returns the names of all databases. */
  Set<String> names() {
    Set<String> names =
        Binder.get(environment)
            .bind(NAMED, Bindable.mapOf(String.class, Object.class))
            .map(found -> new TreeSet<>(found.keySet()))
            .orElseGet(TreeSet::new);
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new InvalidPropertyException(
            NAMED
                + "."
                + name
                + ": the name of a database begins with a lower-case letter and has only such"
                + " letters, digits and hyphens",
            null);
      }
    }
    return names;
  }

  /**
   * Returns all properties of a database.
   *
   * @throws InvalidPropertyException if one is set that the application has only once
   */
  HaSqliteProperties of(String name) {
    ConfigurationPropertyName own = NAMED.append(name);
    List<ConfigurationPropertySource> sources = sources();
    for (String once : ONCE) {
      ConfigurationPropertyName misplaced = own.append(once);
      if (sources.stream().anyMatch(source -> isSet(source, misplaced))) {
        throw new InvalidPropertyException(
            misplaced
                + " is set, but all databases of the application share "
                + ROOT.append(once)
                + "; set that",
            null);
      }
    }
    List<ConfigurationPropertySource> inherited =
        sources.stream()
            .map(source -> source.filter(NamedDatabaseProperties::isInherited))
            .toList();
    Binder binder =
        new Binder(
            Stream.concat(sources.stream().map(source -> Own.of(source, own)), inherited.stream())
                .toList(),
            new PropertySourcesPlaceholdersResolver(environment),
            conversion());
    return binder.bindOrCreate(ROOT.toString(), Bindable.of(HaSqliteProperties.class));
  }

  private List<ConfigurationPropertySource> sources() {
    return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
        .toList();
  }

  private static boolean isSet(ConfigurationPropertySource source, ConfigurationPropertyName name) {
    return source.getConfigurationProperty(name) != null
        || source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT;
  }

  private static boolean isInherited(ConfigurationPropertyName name) {
    return NOT_INHERITED.stream().noneMatch(own -> own.equals(name) || own.isAncestorOf(name));
  }

  private static ApplicationConversionService conversion() {
    ApplicationConversionService conversion = new ApplicationConversionService();
    conversion.addConverter(new DeliverPolicyConverter());
    return conversion;
  }

  /** Shows the properties of one database as if they were those of the default. */
  private static class Own implements ConfigurationPropertySource {

    private final ConfigurationPropertySource source;
    private final ConfigurationPropertyName own;

    private Own(ConfigurationPropertySource source, ConfigurationPropertyName own) {
      this.source = source;
      this.own = own;
    }

    static ConfigurationPropertySource of(
        ConfigurationPropertySource source, ConfigurationPropertyName own) {
      return source instanceof IterableConfigurationPropertySource iterable
          ? new IterableOwn(iterable, own)
          : new Own(source, own);
    }

    @Override
    public @Nullable ConfigurationProperty getConfigurationProperty(
        ConfigurationPropertyName name) {
      ConfigurationProperty found =
          ROOT.isAncestorOf(name)
              ? source.getConfigurationProperty(
                  own.append(name.subName(ROOT.getNumberOfElements())))
              : null;
      return found == null
          ? null
          : new ConfigurationProperty(name, found.getValue(), found.getOrigin());
    }

    @Override
    public ConfigurationPropertyState containsDescendantOf(ConfigurationPropertyName name) {
      if (name.equals(ROOT)) {
        return source.containsDescendantOf(own);
      }
      return ROOT.isAncestorOf(name)
          ? source.containsDescendantOf(own.append(name.subName(ROOT.getNumberOfElements())))
          : ConfigurationPropertyState.ABSENT;
    }

    @Override
    public @Nullable Object getUnderlyingSource() {
      return source.getUnderlyingSource();
    }
  }

  /** Of a source that knows what is in it: the keys of maps are found there. */
  private static final class IterableOwn extends Own
      implements IterableConfigurationPropertySource {

    private final IterableConfigurationPropertySource source;
    private final ConfigurationPropertyName own;

    private IterableOwn(IterableConfigurationPropertySource source, ConfigurationPropertyName own) {
      super(source, own);
      this.source = source;
      this.own = own;
    }

    @Override
    public Stream<ConfigurationPropertyName> stream() {
      return source.stream()
          .filter(own::isAncestorOf)
          .map(name -> ROOT.append(name.subName(own.getNumberOfElements())));
    }
  }
}
