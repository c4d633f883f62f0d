package io.hasqlite.changeset;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one changeset from bytes that may be anything. Nothing is allocated because of a number
 * that a message claims, only for what it holds.
 *
 * <p>As for Go, null and a missing field are the same, and the last one of repeated fields counts.
 */
final class ChangeSetReader {

  /** SQLite's own limits on the columns of a table and on the variables of a statement. */
  private static final int VALUES_MAX = 32_767;

  private static final int TEXT_IN_MESSAGE_MAX = 200;

  /** For a message of go-ha without a name: no rule depends on the node of such a message. */
  private static final NodeId UNNAMED = new NodeId("?");

  private static final String CHANGES = "changes";
  private static final Operation[] OPERATIONS = Operation.values();

  private final JsonParser parser;
  private final Set<String> supported;
  private final KnownTexts known;
  private final List<String> names = new ArrayList<>();

  private String node = "";
  private long processId;
  private String filename = "";
  private long timestampNs;
  private Set<String> requires = Set.of();
  private @Nullable StoredObject object;
  private long fence;
  private @Nullable List<NumberedTransaction> numbers;
  private long changeCount;

  ChangeSetReader(JsonParser parser, Set<String> supported, KnownTexts known) {
    this.parser = parser;
    this.supported = supported;
    this.known = known;
  }

  private record NumberedTransaction(long number, long baseSequence, long changes) {}

  ChangeSet read() {
    begin();
    List<Change> changes = List.of();
    for (String field = nextField(); field != null; field = nextField()) {
      if (field.equals(CHANGES)) {
        changes = changes();
      } else {
        field(field);
      }
    }
    end();
    return changeSet(changes);
  }

  /**
   * Reads up to the first change, for a message that is read change by change: what is needed to
   * apply them must come before.
   */
  void readToChanges() {
    begin();
    for (String field = nextField(); field != null; field = nextField()) {
      if (field.equals(CHANGES)) {
        if (!isArray()) {
          break;
        }
        return;
      }
      field(field);
    }
    throw unreadable("it has no changes");
  }

  /** Returns the next change; null after the last one, when all the rest was read, too. */
  @Nullable Change nextChange() {
    if (parser.nextToken() != JsonToken.END_ARRAY) {
      requireChange();
      changeCount++;
      return change();
    }
    for (String field = nextField(); field != null; field = nextField()) {
      if (field.equals(CHANGES)) {
        throw unreadable("it has changes twice");
      }
      field(field);
    }
    end();
    return null;
  }

  /** Tells whether what was read change by change is one transaction, that of a message. */
  boolean isTransactionOf(ChangeSet message) {
    List<NumberedTransaction> read = numbers;
    List<Transaction> named = message.transactions();
    return read != null
        && read.size() == 1
        && named.size() == 1
        && read.get(0).number() == named.get(0).number()
        && read.get(0).changes() == changeCount
        && origin().equals(message.origin());
  }

  private void begin() {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw unreadable("a changeset must be a JSON object");
    }
  }

  private @Nullable String nextField() {
    String field = parser.nextName();
    if (field != null) {
      parser.nextToken();
    }
    return field;
  }

  private void field(String field) {
    switch (field) {
      case "node" -> node = name();
      case "process_id" -> processId = integer();
      case "filename" -> filename = name();
      case "timestamp_ns" -> timestampNs = integer();
      case "requires" -> requires = requires();
      case "object" -> object = object();
      case "fence" -> fence = integer();
      case "txs" -> numbers = numbers();
      default -> parser.skipChildren();
    }
  }

  private void end() {
    if (parser.nextToken() != null) {
      throw unreadable("something follows the changeset");
    }
  }

  private ChangeSet changeSet(List<Change> changes) {
    if (numbers != null && node.isBlank()) {
      throw unreadable("numbered transactions need the name of their node");
    }
    try {
      return new ChangeSet(
          origin(), filename, timestampNs, transactions(numbers, changes), requires, object, fence);
    } catch (IllegalArgumentException e) {
      throw unreadable(e.getMessage(), e);
    }
  }

  private Origin origin() {
    return new Origin(node.isBlank() ? UNNAMED : new NodeId(node), processId);
  }

  List<Change> readChanges() {
    parser.nextToken();
    return changes();
  }

  private List<Transaction> transactions(
      @Nullable List<NumberedTransaction> numbers, List<Change> changes) {
    if (numbers == null) {
      return List.of(new Transaction(0, 0, changes));
    }
    List<Transaction> transactions = new ArrayList<>(numbers.size());
    int from = 0;
    for (NumberedTransaction next : numbers) {
      if (next.number() <= 0) {
        throw unreadable("a transaction's number must be positive, but is " + next.number());
      }
      if (next.changes() < 0 || next.changes() > changes.size() - from) {
        throw unreadable(
            "transaction %d claims %d changes, but %d are left"
                .formatted(next.number(), next.changes(), changes.size() - from));
      }
      int to = from + (int) next.changes();
      transactions.add(
          new Transaction(next.number(), next.baseSequence(), changes.subList(from, to)));
      from = to;
    }
    if (from != changes.size()) {
      throw unreadable(
          "the transactions claim %d changes, but there are %d".formatted(from, changes.size()));
    }
    return transactions;
  }

  private Set<String> requires() {
    List<String> abilities = texts();
    for (String ability : abilities) {
      if (!supported.contains(ability)) {
        throw unsupported(
            "it requires "
                + Values.describe(ability)
                + ", this version supports "
                + supported.stream().sorted().toList());
      }
    }
    return new HashSet<>(abilities);
  }

  private @Nullable StoredObject object() {
    if (!isObject()) {
      return null;
    }
    String name = "";
    long bytes = 0;
    String sha256 = "";
    for (String field = parser.nextName(); field != null; field = parser.nextName()) {
      parser.nextToken();
      switch (field) {
        case "name" -> name = text();
        case "bytes" -> bytes = integer();
        case "sha256" -> sha256 = text();
        default -> parser.skipChildren();
      }
    }
    try {
      return new StoredObject(name, bytes, sha256);
    } catch (IllegalArgumentException e) {
      throw unreadable(e.getMessage(), e);
    }
  }

  private @Nullable List<NumberedTransaction> numbers() {
    if (!isArray()) {
      return null;
    }
    List<NumberedTransaction> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!isObject()) {
        throw unreadable("a transaction must be a JSON object");
      }
      long number = 0;
      long baseSequence = 0;
      long changes = 0;
      for (String field = parser.nextName(); field != null; field = parser.nextName()) {
        parser.nextToken();
        switch (field) {
          case "n" -> number = integer();
          case "base_seq" -> baseSequence = integer();
          case "changes" -> changes = integer();
          default -> parser.skipChildren();
        }
      }
      numbers.add(new NumberedTransaction(number, baseSequence, changes));
    }
    return numbers;
  }

  private List<Change> changes() {
    if (!isArray()) {
      return List.of();
    }
    List<Change> changes = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireChange();
      changes.add(change());
    }
    return changes;
  }

  private void requireChange() {
    if (!isObject()) {
      throw unreadable("a change must be a JSON object");
    }
  }

  private Change change() {
    String database = "";
    String table = "";
    List<String> columns = List.of();
    List<String> keyColumns = List.of();
    String operation = "";
    Long oldRowid = null;
    Long newRowid = null;
    List<@Nullable Object> oldValues = null;
    List<@Nullable Object> newValues = null;
    String command = "";
    List<@Nullable Object> args = null;
    long timestampNs = 0;
    String types = null;
    String argsTypes = null;
    for (String field = parser.nextName(); field != null; field = parser.nextName()) {
      parser.nextToken();
      switch (field) {
        case "database" -> database = name();
        case "table" -> table = name();
        case "columns" -> columns = columns();
        case "pk_columns" -> keyColumns = columns();
        case "operation" -> operation = name();
        case "old_rowid" -> oldRowid = integerOrNull();
        case "new_rowid" -> newRowid = integerOrNull();
        case "old_values" -> oldValues = values(columns.size());
        case "new_values" -> newValues = values(columns.size());
        case "command" -> command = text();
        case "args" -> args = values(0);
        case "ts_ns" -> timestampNs = integer();
        case "types" -> types = nameOrNull();
        case "args_types" -> argsTypes = textOrNull();
        default -> parser.skipChildren();
      }
    }
    Operation known = operation(operation);
    if (!database.isEmpty() && !database.equals("main")) {
      throw unreadable(
          "the change is in the database " + Values.describe(database) + ", only main is shared");
    }
    if (types != null) {
      int slash = types.indexOf('/');
      if (slash < 0) {
        throw unreadable("the types " + Values.describe(types) + " lack the '/'");
      }
      giveTypes(oldValues, types, 0, slash);
      giveTypes(newValues, types, slash + 1, types.length());
    }
    if (argsTypes != null) {
      giveTypes(args, argsTypes, 0, argsTypes.length());
    }
    boolean isRow = known != Operation.SQL && known != Operation.CUSTOM;
    boolean typed = isRow ? types != null : argsTypes != null || args == null;
    try {
      return new Change(
          known,
          isRow ? table : "",
          isRow ? columns : List.of(),
          isRow ? keyColumns : List.of(),
          isRow ? oldRowid : null,
          isRow ? newRowid : null,
          isRow && known != Operation.INSERT ? oldValues : null,
          isRow && known != Operation.DELETE ? newValues : null,
          isRow || command.isEmpty() ? null : command,
          isRow || args == null ? List.of() : args,
          timestampNs,
          typed);
    } catch (IllegalArgumentException e) {
      throw unreadable(e.getMessage(), e);
    }
  }

  private Operation operation(String name) {
    for (Operation operation : OPERATIONS) {
      if (operation.name().equals(name)) {
        return operation;
      }
    }
    throw unsupported("it has the unknown operation " + Values.describe(name));
  }

  private void giveTypes(@Nullable List<@Nullable Object> values, String types, int from, int to) {
    int count = values == null ? 0 : values.size();
    if (count != to - from) {
      throw unreadable("there are %d types for %d values".formatted(to - from, count));
    }
    if (values == null) {
      return;
    }
    for (int i = 0; i < count; i++) {
      try {
        values.set(i, ValueType.typed(types.charAt(from + i), values.get(i)));
      } catch (IllegalArgumentException e) {
        throw unreadable("value " + i + ": " + e.getMessage(), e);
      }
    }
  }

  private List<String> columns() {
    if (!isArray()) {
      return List.of();
    }
    names.clear();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      names.add(name());
      checkCount(names);
    }
    List<String> columns = known.list(names);
    if (columns != null) {
      return columns;
    }
    Set<String> distinct = new HashSet<>();
    for (String column : names) {
      if (!distinct.add(asciiLower(column))) {
        throw unreadable("the column " + Values.describe(column) + " is there twice");
      }
    }
    return known.add(names);
  }

  /** SQLite's names differ in the case of other letters than A to Z. */
  private static String asciiLower(String name) {
    StringBuilder lower = new StringBuilder(name);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        lower.setCharAt(i, (char) (c - 'A' + 'a'));
      }
    }
    return lower.toString();
  }

  private List<String> texts() {
    if (!isArray()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      texts.add(text());
      checkCount(texts);
    }
    return texts;
  }

  private @Nullable List<@Nullable Object> values(int expected) {
    if (!isArray()) {
      return null;
    }
    List<@Nullable Object> values = new ArrayList<>(expected);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value());
      checkCount(values);
    }
    // Go leaves an empty list out, so both mean the same.
    return values.isEmpty() ? null : values;
  }

  private void checkCount(List<?> list) {
    if (list.size() > VALUES_MAX) {
      throw unreadable("the list has more than SQLite's limit of " + VALUES_MAX + " entries");
    }
  }

  private @Nullable Object value() {
    JsonToken token = parser.currentToken();
    if (token == null) {
      throw unreadable("the message ends within a list");
    }
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> wholeNumber();
      case VALUE_NUMBER_FLOAT -> real();
      // Go's driver stores a boolean argument like this.
      case VALUE_TRUE -> 1L;
      case VALUE_FALSE -> 0L;
      default -> throw unreadable("a value must be a number, a string or null");
    };
  }

  /** Go writes whole reals without a point, those beyond 64 bits and -0 included. */
  private Object wholeNumber() {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return real();
    }
    long number = parser.getLongValue();
    if (number == 0 && parser.getString().startsWith("-")) {
      return -0.0;
    }
    return number;
  }

  private Double real() {
    double real = parser.getDoubleValue();
    if (!Double.isFinite(real)) {
      throw unreadable("the number is too large for SQLite");
    }
    return real;
  }

  private boolean isObject() {
    return isOrNull(JsonToken.START_OBJECT, "a JSON object");
  }

  private boolean isArray() {
    return isOrNull(JsonToken.START_ARRAY, "a JSON array");
  }

  private boolean isOrNull(JsonToken expected, String expectedName) {
    JsonToken token = parser.currentToken();
    if (token != expected && token != JsonToken.VALUE_NULL) {
      throw unreadable(expectedName + " is expected, not " + token);
    }
    return token == expected;
  }

  private String text() {
    String text = textOrNull();
    return text == null ? "" : text;
  }

  private @Nullable String textOrNull() {
    return isOrNull(JsonToken.VALUE_STRING, "a string") ? parser.getString() : null;
  }

  /** Reads a text that mostly was there before. */
  private String name() {
    String name = nameOrNull();
    return name == null ? "" : name;
  }

  private @Nullable String nameOrNull() {
    if (!isOrNull(JsonToken.VALUE_STRING, "a string")) {
      return null;
    }
    int length = parser.getStringLength();
    return length > KnownTexts.LENGTH_MAX
        ? parser.getString()
        : known.text(parser.getStringCharacters(), parser.getStringOffset(), length);
  }

  private long integer() {
    Long integer = integerOrNull();
    return integer == null ? 0 : integer;
  }

  private @Nullable Long integerOrNull() {
    if (!isOrNull(JsonToken.VALUE_NUMBER_INT, "an integer")) {
      return null;
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw unreadable("the integer does not fit 64 bits");
    }
    return parser.getLongValue();
  }

  UnreadableMessageException unreadable(String problem) {
    return unreadable(problem, null);
  }

  UnreadableMessageException unreadable(@Nullable String problem, @Nullable Throwable cause) {
    return new UnreadableMessageException(
        "The message is not a readable changeset: " + cut(problem) + where(),
        offset(),
        path(),
        cause);
  }

  private UnsupportedMessageException unsupported(String problem) {
    return new UnsupportedMessageException(
        "This version cannot read the message: "
            + cut(problem)
            + where()
            + "; update this node to the version that wrote it",
        offset(),
        path(),
        null);
  }

  private String where() {
    String path = path();
    return " (at byte " + offset() + (path.isEmpty() ? "" : ", field " + path) + ")";
  }

  private long offset() {
    return parser.currentLocation().getByteOffset();
  }

  private String path() {
    return cut(parser.streamReadContext().pathAsPointer().toString());
  }

  /** What comes from the network must neither flood a log nor forge lines of it. */
  private static String cut(@Nullable String text) {
    String printable = String.valueOf(text).replaceAll("\\p{Cntrl}+", " ");
    return printable.length() <= TEXT_IN_MESSAGE_MAX
        ? printable
        : printable.substring(0, TEXT_IN_MESSAGE_MAX) + "...";
  }
}
