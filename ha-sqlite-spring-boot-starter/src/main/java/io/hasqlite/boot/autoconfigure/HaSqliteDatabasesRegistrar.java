package io.hasqlite.boot.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.hasqlite.engine.HaSqlite;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * Registers engine, pool and transaction manager of each named database, with its name as
 * qualifier. An application's own bean of the same name comes first.
 */
final class HaSqliteDatabasesRegistrar implements ImportBeanDefinitionRegistrar {

  static final String DATABASES = "haSqliteDatabases";

  private final Environment environment;

  HaSqliteDatabasesRegistrar(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void registerBeanDefinitions(
      AnnotationMetadata importing, BeanDefinitionRegistry registry) {
    for (String name : new NamedDatabaseProperties(environment).names()) {
      register(registry, name);
    }
  }

  private static void register(BeanDefinitionRegistry registry, String name) {
    RootBeanDefinition engine = definition(HaSqlite.class, "open", name);
    engine.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
    engine.setFallback(true);
    register(registry, name + "HaSqlite", engine);

    RootBeanDefinition pool = definition(HikariDataSource.class, "pool", name);
    pool.getConstructorArgumentValues().addIndexedArgumentValue(0, name);
    pool.getConstructorArgumentValues()
        .addIndexedArgumentValue(1, new RuntimeBeanReference(name + "HaSqlite"));
    pool.setFallback(true);
    register(registry, name + "DataSource", pool);

    RootBeanDefinition transactions =
        definition(JdbcTransactionManager.class, "transactionManager", name);
    transactions
        .getConstructorArgumentValues()
        .addIndexedArgumentValue(0, new RuntimeBeanReference(name + "DataSource"));
    // Boot makes the transaction manager of the default database only if there is no other one.
    transactions.setDefaultCandidate(false);
    register(registry, name + "TransactionManager", transactions);
  }

  private static RootBeanDefinition definition(Class<?> type, String method, String qualifier) {
    RootBeanDefinition definition = new RootBeanDefinition(type);
    definition.setFactoryBeanName(DATABASES);
    definition.setFactoryMethodName(method);
    definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, qualifier));
    definition.setDestroyMethodName(RootBeanDefinition.INFER_METHOD);
    return definition;
  }

  private static void register(
      BeanDefinitionRegistry registry, String name, RootBeanDefinition definition) {
    if (!registry.containsBeanDefinition(name)) {
      registry.registerBeanDefinition(name, definition);
    }
  }
}
