/** First step of the data path: temporary triggers log what a transaction does to each row. */
@NullMarked
package io.hasqlite.capture;

import org.jspecify.annotations.NullMarked;
