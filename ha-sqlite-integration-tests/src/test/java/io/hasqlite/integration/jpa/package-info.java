/** JPA with Hibernate. */
package io.hasqlite.integration.jpa;
