/** Carries what a client has seen from node to node, so that it reads its own writes. */
@NullMarked
package io.hasqlite.boot.web;

import org.jspecify.annotations.NullMarked;
