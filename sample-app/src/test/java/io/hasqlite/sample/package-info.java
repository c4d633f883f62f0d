/** Tests of the shop. */
@NullMarked
package io.hasqlite.sample;

import org.jspecify.annotations.NullMarked;
