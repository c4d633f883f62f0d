/** What other nodes wrote, as events of the application. */
@NullMarked
package io.hasqlite.boot.event;

import org.jspecify.annotations.NullMarked;
