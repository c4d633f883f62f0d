package io.hasqlite.apply;

import io.hasqlite.Origin;
import java.time.Instant;
import java.util.List;

/**
 * What a message changed on this node.
 *
 * @param sequence its place in the stream
 * @param origin who committed it
 * @param publishedAt when it was published, by the clock of its node
 * @param tables the tables whose rows it changed
 * @param schemaChanged whether it changed the schema or a virtual table, by statements that do not
 *     tell which rows
 */
public record AppliedChanges(
    long sequence,
    Origin origin,
    Instant publishedAt,
    List<ChangedTable> tables,
    boolean schemaChanged) {}
