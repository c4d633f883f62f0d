/** Test support for this project's modules and for applications' own tests. */
@NullMarked
package io.hasqlite.testing;

import org.jspecify.annotations.NullMarked;
