/** What the documentation shows, tried in applications. */
package io.hasqlite.integration.docs;
