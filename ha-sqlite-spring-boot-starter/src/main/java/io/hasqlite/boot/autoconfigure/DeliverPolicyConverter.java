package io.hasqlite.boot.autoconfigure;

import io.hasqlite.stream.DeliverPolicy;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.core.convert.converter.Converter;

/** Reads a deliver policy from a property. */
@ConfigurationPropertiesBinding
final class DeliverPolicyConverter implements Converter<String, DeliverPolicy> {

  @Override
  public DeliverPolicy convert(String source) {
    return DeliverPolicy.parse(source);
  }
}
