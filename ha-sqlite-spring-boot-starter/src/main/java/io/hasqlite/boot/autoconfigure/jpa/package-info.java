/** Auto-configuration of what Hibernate lacks. */
@NullMarked
package io.hasqlite.boot.autoconfigure.jpa;

import org.jspecify.annotations.NullMarked;
