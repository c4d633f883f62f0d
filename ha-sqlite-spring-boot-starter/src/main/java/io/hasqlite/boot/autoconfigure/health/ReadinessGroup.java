package io.hasqlite.boot.autoconfigure.health;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.AdditionalPathsMapper;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Makes a contributor a member of Boot's readiness group, unless the application says itself who is
 * in it. Comes after Boot's own processor, which makes that group.
 */
@Order(Ordered.LOWEST_PRECEDENCE)
final class ReadinessGroup implements HealthEndpointGroupsPostProcessor {

  private static final String READINESS = "readiness";
  private static final String OWN_MEMBERS = "management.endpoint.health.group.readiness.include";

  private final String contributor;
  private final boolean wanted;

  ReadinessGroup(String contributor, Environment environment) {
    this.contributor = contributor;
    this.wanted =
        !Binder.get(environment).bind(OWN_MEMBERS, Bindable.setOf(String.class)).isBound();
  }

  @Override
  public HealthEndpointGroups postProcessHealthEndpointGroups(HealthEndpointGroups groups) {
    return wanted && groups.getNames().contains(READINESS)
        ? new WithMember(groups, contributor)
        : groups;
  }

  private record WithMember(HealthEndpointGroups groups, String contributor)
      implements HealthEndpointGroups, AdditionalPathsMapper {

    @Override
    public HealthEndpointGroup getPrimary() {
      return groups.getPrimary();
    }

    @Override
    public Set<String> getNames() {
      return groups.getNames();
    }

    @Override
    public @Nullable HealthEndpointGroup get(String name) {
      HealthEndpointGroup group = groups.get(name);
      return group != null && name.equals(READINESS) ? new Member(group, contributor) : group;
    }

    @Override
    public @Nullable List<String> getAdditionalPaths(
        EndpointId endpoint, WebServerNamespace namespace) {
      return groups instanceof AdditionalPathsMapper mapper
          ? mapper.getAdditionalPaths(endpoint, namespace)
          : List.of();
    }
  }

  private record Member(HealthEndpointGroup group, String contributor)
      implements HealthEndpointGroup {

    @Override
    public boolean isMember(String name) {
      return name.equals(contributor) || name.startsWith(contributor + "/") || group.isMember(name);
    }

    @Override
    public boolean showComponents(SecurityContext context) {
      return group.showComponents(context);
    }

    @Override
    public boolean showDetails(SecurityContext context) {
      return group.showDetails(context);
    }

    @Override
    public StatusAggregator getStatusAggregator() {
      return group.getStatusAggregator();
    }

    @Override
    public HttpCodeStatusMapper getHttpCodeStatusMapper() {
      return group.getHttpCodeStatusMapper();
    }

    @Override
    public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
      return group.getAdditionalPath();
    }
  }
}
