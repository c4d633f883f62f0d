/** What a person may ask of and do to the databases of an application, through Actuator. */
@NullMarked
package io.hasqlite.boot.endpoint;

import org.jspecify.annotations.NullMarked;
