/** What one transaction changed, as values and as a JSON message. */
@NullMarked
package io.hasqlite.changeset;

import org.jspecify.annotations.NullMarked;
