/** Everything of Spring that speaks JDBC. */
package io.hasqlite.integration.jdbc;
