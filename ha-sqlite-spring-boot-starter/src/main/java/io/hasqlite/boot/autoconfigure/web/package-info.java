/** Lets clients read their own writes on every node. */
@NullMarked
package io.hasqlite.boot.autoconfigure.web;

import org.jspecify.annotations.NullMarked;
