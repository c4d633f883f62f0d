/** What Spring's persistence frameworks do with a replicated database, on two nodes. */
package io.hasqlite.integration;
