/** What the documentation shows, tried. */
package io.hasqlite.docs;
