package io.hasqlite.changeset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeSetCodecTests {

  private static final Origin ORIGIN = new Origin(new NodeId("node1"), 6148914691236517205L);

  private final ChangeSetCodec codec = new ChangeSetCodec();

  @Test
  void thePieceOfTheOutboxIsCountedWithoutDecoding() throws Exception {
    Change tricky =
        row(
            Operation.UPDATE,
            Arrays.asList("{[", "\\", "\"}", "\\\"", "]}\uD83D\uDE00", null, 1L),
            Arrays.asList("}", "\\\\", "", "[{\"a\":1}]", "\n", new byte[] {'{'}, 0.5));
    for (int count = 0; count < 4; count++) {
      List<byte[]> pieces = new ArrayList<>();
      codec.encodePieces(Collections.nCopies(count, tricky), 1 << 20, pieces::add);
      byte[] piece = pieces.get(0);
      assertThat(codec.lazyPiece(piece)).hasSize(count);
      assertThatThrownBy(() -> codec.lazyPiece(Arrays.copyOf(piece, piece.length - 1)).size())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not whole");
    }
  }

  @Test
  void everyKindOfValueSurvivesBitForBit() {
    List<Object> values =
        Arrays.asList(
            null,
            0L,
            1L,
            -1L,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            9007199254740993L,
            0.0,
            -0.0,
            1.0,
            1e300,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            0.1,
            2e23,
            9.223372036854775807E18,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            "",
            "a\0b",
            "quote \" back \\ line\n\r\t\u001f\u007f",
            "<html>&\u2028\u2029",
            "\uD83D\uDE00 outside the BMP",
            "Infinity",
            "\uFFFD\uFFFE\uFFFF",
            new byte[0],
            new byte[] {0, -1, 127, -128},
            new RawText(new byte[] {'a', (byte) 0xff, 0}));
    Change change = row(Operation.UPDATE, values, values);

    assertRoundTrip(changeSet(change));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD800", "\uDC00", "a\uDC00\uD800b\"\\\n\u0000ä", "\uD83D\uD83D\uDE00"})
  void unpairedSurrogatesAreKeptInValidUtf8(String text) throws CharacterCodingException {
    byte[] message =
        assertRoundTrip(
            changeSet(
                row(Operation.INSERT, null, List.of(text)), Change.sql(text, List.of(text), 1)));

    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message));
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 2_000, 4_000, 8_000})
  void surrogatesAreKeptAroundTheEndOfTheGeneratorsBuffers(int bufferSize) {
    for (int length = bufferSize - 300; length < bufferSize + 20; length++) {
      String text = "x".repeat(length) + "\uD83D\uDE00\uD800y\uDC00\uD83D\uDE00";
      ChangeSet changeSet = changeSet(row(Operation.INSERT, null, List.of(text)));
      assertThat(codec.decode(codec.encode(changeSet)).equals(changeSet)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomChangesetsSurvive(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      assertRoundTrip(randomChangeSet(random));
    }
  }

  @Test
  void writesTheFormOfTheStream() {
    Change update =
        new Change(
            Operation.UPDATE,
            "users",
            List.of("id", "name"),
            List.of("id"),
            1L,
            1L,
            List.of(1L, "Ann"),
            List.of(1L, "Anna"),
            null,
            List.of(),
            1763836801123000000L);

    assertThat(
            text(
                new ChangeSet(
                    ORIGIN,
                    "app.db",
                    1763836801123456789L,
                    List.of(new Transaction(42, 1041, List.of(update))),
                    Set.of())))
        .isEqualTo(
            """
            {"node":"node1","process_id":6148914691236517205,"filename":"app.db",\
            "timestamp_ns":1763836801123456789,\
            "changes":[{"database":"main","table":"users","columns":["id","name"],\
            "operation":"UPDATE","old_rowid":1,"new_rowid":1,\
            "old_values":[1,"Ann"],"new_values":[1,"Anna"],"pk_columns":["id"],\
            "ts_ns":1763836801123000000,"types":"it/it"}],\
            "txs":[{"n":42,"base_seq":1041,"changes":1}]}""");
  }

  @Test
  void writesStatementsWithTypedArguments() {
    Change sql = Change.sql("INSERT INTO f VALUES (?, ?)", List.of(1.0, new byte[] {1}), 5);

    assertThat(
            text(
                new ChangeSet(
                    ORIGIN,
                    "",
                    0,
                    List.of(new Transaction(1, 0, List.of(sql))),
                    Set.of(ChangeSet.REQUIRES_VIRTUAL))))
        .isEqualTo(
            """
            {"node":"node1","process_id":6148914691236517205,"filename":"","timestamp_ns":0,\
            "requires":["virtual"],\
            "changes":[{"operation":"SQL","command":"INSERT INTO f VALUES (?, ?)",\
            "args":[1.0,"AQ=="],"ts_ns":5,"args_types":"rb"}],\
            "txs":[{"n":1,"base_seq":0,"changes":1}]}""");
  }

  @Test
  void readsWhatGoHaWritesForARow() {
    // As Go's encoding/json writes it: escaped HTML, whole reals without a point, no empty fields.
    ChangeSet read =
        decode(
            """
            {"node":"go1","process_id":1763836800000000001,"filename":"app.db","changes":[\
            {"database":"main","table":"t","columns":["id","r","b","s","n"],"pk_columns":["id"],\
            "operation":"INSERT","old_rowid":7,"new_rowid":7,\
            "new_values":[9007199254740993,1,"AAH/","\\u003ca\\u0026b\\u003e\\u2028",null],\
            "ts_ns":1763836801123000000}],"timestamp_ns":1763836801123456789}""");

    assertThat(read.origin()).isEqualTo(new Origin(new NodeId("go1"), 1763836800000000001L));
    assertThat(read.filename()).isEqualTo("app.db");
    assertThat(read.timestampNs()).isEqualTo(1763836801123456789L);
    assertThat(read.requires()).isEmpty();
    assertThat(read.transactions()).hasSize(1);
    assertThat(read.transactions().get(0).number()).isZero();
    assertThat(read.changes())
        .containsExactly(
            new Change(
                Operation.INSERT,
                "t",
                List.of("id", "r", "b", "s", "n"),
                List.of("id"),
                7L,
                7L,
                null,
                Arrays.asList(9007199254740993L, 1L, "AAH/", "<a&b>\u2028", null),
                null,
                List.of(),
                1763836801123000000L,
                false));
  }

  @Test
  void readsWhatGoHaWritesForUpdateDeleteAndSql() {
    ChangeSet read =
        decode(
            """
            {"node":"go1","process_id":1,"filename":"","changes":[\
            {"database":"main","table":"t","columns":["a"],"operation":"UPDATE",\
            "old_rowid":3,"new_rowid":4,"old_values":["x"],"new_values":[1.5]},\
            {"database":"main","table":"t","columns":["a"],"operation":"DELETE","old_rowid":4,\
            "new_rowid":140,"old_values":[1.5]},\
            {"operation":"SQL","command":"CREATE TABLE IF NOT EXISTS u(a)"},\
            {"operation":"SQL","command":"ALTER TABLE u ADD b","args":[1,true,"z",null]},\
            {"operation":"CUSTOM"}],"timestamp_ns":2}""");

    List<Change> changes = read.changes();
    assertThat(changes)
        .extracting(Change::operation)
        .containsExactly(
            Operation.UPDATE, Operation.DELETE, Operation.SQL, Operation.SQL, Operation.CUSTOM);
    assertThat(changes.get(0).keyColumns()).isEmpty();
    assertThat(changes.get(0).oldRowid()).isEqualTo(3);
    assertThat(changes.get(0).newRowid()).isEqualTo(4);
    assertThat(changes.get(0).newValues()).containsExactly(1.5);
    assertThat(changes.get(1).oldValues()).containsExactly(1.5);
    assertThat(changes.get(1).newValues()).isNull();
    assertThat(changes.get(2).command()).isEqualTo("CREATE TABLE IF NOT EXISTS u(a)");
    assertThat(changes.get(2).args()).isEmpty();
    assertThat(changes.get(3).args()).containsExactly(1L, 1L, "z", null);
    assertThat(changes.get(3).typed()).isFalse();
  }

  @Test
  void takesUntypedNumbersAsTheTextSays() {
    ChangeSet read =
        decode(
            """
            {"node":"go1","changes":[{"table":"t","operation":"INSERT",\
            "columns":["a","b","c","d","e","f","g","h"],\
            "new_values":[1,1.0,-0,1e+21,1e-07,9223372036854775808,-9223372036854775808,\
            100000000000000000000]}]}""");

    assertThat(read.changes().get(0).newValues())
        .containsExactly(1L, 1.0, -0.0, 1e21, 1e-7, 9223372036854775808.0, Long.MIN_VALUE, 1e20);
  }

  @Test
  void writesUntypedChangesWithoutTypes() {
    ChangeSet read =
        decode(
            "{\"node\":\"go1\",\"changes\":[{\"table\":\"t\",\"columns\":[\"a\"],\"operation\":\"INSERT\",\"new_values\":[1.5]}]}");

    assertRoundTrip(read);
    assertThat(text(read)).doesNotContain("types").doesNotContain("txs");
  }

  @Test
  void toleratesMissingNullRepeatedAndUnknownFields() {
    assertThat(decode("{}").transactions()).containsExactly(new Transaction(0, 0, List.of()));
    assertThat(
            decode(
                """
                {"node":null,"process_id":null,"filename":null,"timestamp_ns":null,"changes":null,\
                "txs":null,"requires":null,"object":null}"""))
        .isEqualTo(decode("{}"));
    ChangeSet read =
        decode(
            """
            {"new":{"a":[{"b":[1e999]}]},"node":"x","node":"n","process_id":5,"changes":[\
            {"operation":"DELETE","table":"t","columns":["a"],"old_values":[1],"types":"i/",\
            "pk_columns":null,"later":[[]]}],"txs":[{"n":3,"changes":1,"who":"me"}]}""");
    assertThat(read)
        .isEqualTo(
            new ChangeSet(
                new Origin(new NodeId("n"), 5),
                "",
                0,
                List.of(
                    new Transaction(
                        3,
                        0,
                        List.of(
                            Change.delete("t", List.of("a"), List.of(), null, List.of(1L), 0)))),
                Set.of()));
  }

  @Test
  void givesTypesWhereverTheirFieldStands() {
    ChangeSet read =
        decode(
            """
            {"node":"n","changes":[{"types":"/rbx","operation":"INSERT","table":"t",\
            "new_values":[1,"AQ==","/w=="],"columns":["a","b","c"]}]}""");

    assertThat(read.changes().get(0).newValues())
        .usingElementComparator((a, b) -> Values.same(a, b) ? 0 : 1)
        .containsExactly(1.0, new byte[] {1}, new RawText(new byte[] {-1}));
  }

  @Test
  void cutsChangesIntoTransactions() {
    Change a = row(Operation.INSERT, null, List.of(1L));
    Change b = row(Operation.INSERT, null, List.of(2L));
    ChangeSet changeSet =
        new ChangeSet(
            ORIGIN,
            "f",
            1,
            List.of(
                new Transaction(5, 10, List.of(a, b)),
                new Transaction(6, 10, List.of()),
                new Transaction(9, 11, List.of(a))),
            Set.of());

    assertRoundTrip(changeSet);
    assertThat(changeSet.changes()).containsExactly(a, b, a);
  }

  @Test
  void namesAnObjectWhereTheReaderSupportsIt() {
    ChangeSet changeSet =
        new ChangeSet(
            ORIGIN,
            "f",
            1,
            List.of(new Transaction(5, 10, List.of())),
            Set.of(ChangeSet.REQUIRES_OBJECT, ChangeSet.REQUIRES_FENCE),
            new StoredObject("o", 123456789012L, "0f".repeat(32)),
            7);

    byte[] message = codec.encode(changeSet);

    assertThat(codec.decode(message)).isEqualTo(changeSet);
    assertThatThrownBy(
            () -> new ChangeSetCodec(1000, Set.of(ChangeSet.REQUIRES_FENCE)).decode(message))
        .isInstanceOf(UnsupportedMessageException.class)
        .hasMessageContaining("'object'");
  }

  @Test
  void encodesPieceByPieceWhatItEncodesAtOnce() throws Exception {
    Change a = Change.insert("t", List.of("v"), List.of(), 1L, List.of("a".repeat(100_000)), 1);
    Change b = Change.delete("t", List.of("v"), List.of(), 1L, List.of(2.5), 1);
    for (List<Transaction> transactions :
        List.of(
            List.<Transaction>of(),
            List.of(new Transaction(0, 0, List.of(a, b))),
            List.of(
                new Transaction(5, 10, List.of(a, b)),
                new Transaction(6, 10, List.of()),
                new Transaction(9, 11, List.of(b, a, a))))) {
      ChangeSet changeSet = new ChangeSet(ORIGIN, "f", 1, transactions, Set.of());
      assertThat(codec.encoded(changeSet).readAllBytes()).isEqualTo(codec.encode(changeSet));
    }
  }

  private List<Change> readOneByOne(String json, ChangeSet message) {
    List<Change> changes = new ArrayList<>();
    codec
        .changes(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), message)
        .forEachRemaining(changes::add);
    return changes;
  }

  @Test
  void readsTheChangesOfOneTransactionOneByOne() {
    Change a = Change.insert("t", List.of("v"), List.of(), 1L, List.of("a"), 1);
    Change b = Change.delete("t", List.of("v"), List.of(), 1L, List.of(2.5), 1);
    ChangeSet changeSet =
        new ChangeSet(ORIGIN, "f", 1, List.of(new Transaction(5, 10, List.of(a, b))), Set.of());
    String json = new String(codec.encode(changeSet), StandardCharsets.UTF_8);
    assertThat(readOneByOne(json, changeSet)).containsExactly(a, b);

    String before = json.replaceFirst("(\"changes\":.*),(\"txs\":.*])}$", "$2,$1}");
    assertThat(before).contains("\"changes\":2}],\"changes\":[");
    assertThat(readOneByOne(before, changeSet)).containsExactly(a, b);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s/\"n\":5/\"n\":6/",
        "s/\"changes\":2/\"changes\":3/",
        "s/node1/node2/",
        "s/\\{\"n\":5/{\"n\":4,\"changes\":0},{\"n\":5/",
        "s/\"txs\"/\"other\"/",
        "s/\"changes\":\\[/\"changes\":null,\"x\":[/",
        "s/,\"txs\"/,\"changes\":[],\"txs\"/",
        "s/\\}$//",
        "s/\"DELETE\"/\"DELET\"/",
        "s/^/[/"
      })
  void refusesAnythingElseThanThatTransaction(String edit) {
    Change a = Change.delete("t", List.of("v"), List.of(), 1L, List.of("a"), 1);
    ChangeSet changeSet =
        new ChangeSet(ORIGIN, "f", 1, List.of(new Transaction(5, 10, List.of(a, a))), Set.of());
    String json = new String(codec.encode(changeSet), StandardCharsets.UTF_8);
    String[] parts = edit.split("/");
    String edited = json.replaceFirst(parts[1], parts.length > 2 ? parts[2] : "");
    assertThat(edited).isNotEqualTo(json);
    assertThatThrownBy(() -> readOneByOne(edited, changeSet))
        .isInstanceOf(UnreadableMessageException.class);
  }

  @Test
  void refusesWhatAnotherVersionMayKnowAsUnsupported() {
    for (String message :
        List.of(
            "{\"requires\":[\"virtual\",\"time-travel\"],\"changes\":[{\"operation\":[]}]}",
            "{\"node\":\"n\",\"changes\":[{\"operation\":\"MERGE\"}]}",
            "{\"node\":\"n\",\"changes\":[{\"operation\":\"insert\"}]}",
            "{\"node\":\"n\",\"changes\":[{}]}")) {
      UnreadableMessageException e =
          catchThrowableOfType(UnreadableMessageException.class, () -> decode(message));
      assertThat(e).as(message).isInstanceOf(UnsupportedMessageException.class);
      assertThat(e.isSameOnEveryNode()).isFalse();
      assertThat(e).hasMessageContaining("update this node");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "1",
        "[]",
        "not json",
        "{",
        "{}{}",
        "{} x",
        "{\"node\":1}",
        "{\"node\":[]}",
        "{\"process_id\":9223372036854775808}",
        "{\"process_id\":1.5}",
        "{\"process_id\":\"1\"}",
        "{\"timestamp_ns\":true}",
        "{\"changes\":{}}",
        "{\"changes\":[null]}",
        "{\"changes\":[1]}",
        "{\"changes\":[[]]}",
        "{\"requires\":\"virtual\"}",
        "{\"object\":{\"name\":\"o\"}}",
        "{\"object\":1}",
        "{\"node\":\"n\",\"txs\":[{\"n\":1,\"changes\":1}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":1,\"changes\":9223372036854775807}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":1,\"changes\":-1},{\"n\":2,\"changes\":1}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":1,\"changes\":4294967296}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":0}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":2},{\"n\":2}]}",
        "{\"node\":\"n\",\"txs\":[{\"n\":2,\"base_seq\":-1}]}",
        "{\"node\":\"n\",\"txs\":[null]}",
        "{\"node\":\" \",\"txs\":[{\"n\":1}]}",
        "{\"node\":\"n\",\"txs\":[],\"changes\":[{\"operation\":\"CUSTOM\"}]}",
      })
  void refusesWhatIsNotAChangeset(String message) {
    assertThatThrownBy(() -> decode(message))
        .isExactlyInstanceOf(UnreadableMessageException.class)
        .hasMessageContaining("at byte");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'operation':'INSERT'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1,2]",
        "'operation':'INSERT','table':'t','columns':['a']",
        "'operation':'INSERT','columns':['a'],'new_values':[1]",
        "'operation':'INSERT','table':'t','columns':['a','A'],'new_values':[1,2]",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[[1]]",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[{}]",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1e999]",
        "'operation':'INSERT','table':'t','columns':['a'],'pk_columns':['b'],'new_values':[1]",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'i'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'/'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'i/i'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'/ii'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'/q'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':'/t'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1.5],'types':'/i'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':['x'],'types':'/r'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':['?'],'types':'/b'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[null],'types':'/i'",
        "'operation':'INSERT','table':'t','columns':['a'],'new_values':[1],'types':1",
        "'operation':'INSERT','table':'t','columns':[1],'new_values':[1]",
        "'operation':'UPDATE','table':'t','columns':['a'],'new_values':[1]",
        "'operation':'UPDATE','table':'t','columns':['a'],'old_values':[1]",
        "'operation':'DELETE','table':'t','columns':['a']",
        "'operation':'DELETE','table':'t','columns':['a'],'old_rowid':1.0",
        "'operation':'DELETE','table':'t','columns':['a'],'old_values':[1],'database':'temp'",
        "'operation':'SQL'",
        "'operation':'SQL','command':'SELECT ?','args':[1],'args_types':''",
        "'operation':'SQL','command':'SELECT ?','args_types':'i'",
      })
  void refusesChangesWhosePartsDisagree(String change) {
    String message = "{'node':'n','changes':[{" + change + "}]}";

    assertThatThrownBy(() -> decode(message.replace('\'', '"')))
        .isExactlyInstanceOf(UnreadableMessageException.class)
        .hasMessageContaining("/changes/0");
  }

  @Test
  void saysWhereAndWhat() {
    String message =
        "{\"node\":\"n\",\"changes\":[{\"operation\":\"CUSTOM\"},{\"ts_ns\":\"soon\"}]}";

    UnreadableMessageException e =
        catchThrowableOfType(UnreadableMessageException.class, () -> decode(message));

    assertThat(e.path()).isEqualTo("/changes/1/ts_ns");
    assertThat(e.offset()).isBetween((long) message.indexOf("\"soon"), (long) message.length());
    assertThat(e.isSameOnEveryNode()).isTrue();
    assertThat(e).hasMessageContaining("an integer is expected");
  }

  @Test
  void quotesLittleOfWhatArrivedAndNothingThatForgesALine() {
    String forged = "x".repeat(100) + "\\r\\nERROR forged ".repeat(100_000);

    for (String message :
        List.of(
            "{\"node\":\"n\",\"changes\":[{\"operation\":\"" + forged + "\"}]}",
            "{\"" + "a\\r\\nERROR forged ".repeat(50) + "\":x}",
            "{\"node\":\"n\",\"changes\":[{\"database\":\""
                + forged
                + "\",\"operation\":\"SQL\"}]}")) {
      assertThatThrownBy(() -> decode(message))
          .isInstanceOf(UnreadableMessageException.class)
          .satisfies(
              e -> {
                String text = String.valueOf(e.getMessage());
                assertThat(text).hasSizeLessThan(800);
                assertThat(text.chars()).noneMatch(Character::isISOControl);
              });
    }
  }

  @Test
  void refusesAMessageBeyondTheLimitAndReadsALargeOneWithin() {
    ChangeSet changeSet = changeSet(row(Operation.INSERT, null, List.of("x".repeat(20_000_000))));
    byte[] message = codec.encode(changeSet);

    assertThat(codec.decode(message)).isEqualTo(changeSet);
    assertThatThrownBy(() -> new ChangeSetCodec(1_000_000, Set.of()).decode(message))
        .isInstanceOf(UnsupportedMessageException.class)
        .hasMessageContaining("limit of 1000000 bytes");
    assertThat(new ChangeSetCodec(message.length, Set.of()).decode(message)).isEqualTo(changeSet);
  }

  @Test
  void bombsEndInAnUnreadableMessage() {
    for (String bomb :
        List.of(
            "[".repeat(1_000_000),
            "{\"a\":".repeat(1_000_000),
            "{\"a\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + "}",
            "{\"changes\":[{\"new_values\":" + "[".repeat(1_000_000),
            "{\"process_id\":" + "9".repeat(1_000_000) + "}",
            "{\"changes\":[{\"new_values\":[" + "9".repeat(1_000_000) + "]}]}",
            "{\"changes\":[{\"new_values\":[" + "null,".repeat(1_000_000) + "1]}]}",
            "{\"" + "a".repeat(1_000_000) + "\":1}")) {
      assertThatThrownBy(() -> decode(bomb)).isExactlyInstanceOf(UnreadableMessageException.class);
    }
  }

  @Test
  void cutOffMessagesAreUnreadableAtEveryLength() {
    byte[] message = codec.encode(randomChangeSet(new Random(3)));

    for (int length = 0; length < message.length; length++) {
      byte[] cut = Arrays.copyOf(message, length);
      assertThatThrownBy(() -> codec.decode(cut))
          .isExactlyInstanceOf(UnreadableMessageException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void damagedBytesAreReadOrUnreadable(long seed) {
    Random random = new Random(seed);
    int unreadable = 0;
    for (int i = 0; i < 1_500; i++) {
      byte[] message = codec.encode(randomChangeSet(random));
      damage(random, message);
      try {
        codec.encode(codec.decode(message));
      } catch (UnreadableMessageException e) {
        unreadable++;
      }
    }
    assertThat(unreadable).isPositive();
  }

  @Test
  void refusesToWriteWhatSqliteCannotHold() {
    for (Object value : List.of(1, 1.0f, Double.NaN, true, new int[0])) {
      ChangeSet changeSet = changeSet(row(Operation.INSERT, null, List.of(value)));
      assertThatIllegalArgumentException().isThrownBy(() -> codec.encode(changeSet));
    }
  }

  @Test
  void writesToAStreamThatStaysOpenAndReportsItsFailure() throws IOException {
    ChangeSet changeSet = randomChangeSet(new Random(5));
    boolean[] closed = new boolean[1];
    ByteArrayOutputStream stream =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no space left on device");
          }
        };

    codec.encode(changeSet, stream);

    assertThat(stream.toByteArray()).isEqualTo(codec.encode(changeSet));
    assertThat(closed[0]).isFalse();
    assertThatThrownBy(() -> codec.encode(changeSet, full))
        .isInstanceOf(IOException.class)
        .hasMessage("no space left on device");
  }

  @Test
  void sharesTheListOfColumnsBetweenChangesOfATable() {
    Change change = row(Operation.INSERT, null, List.of(1L, 2L));
    List<Change> read = codec.decode(codec.encode(changeSet(change, change))).changes();

    assertThat(read.get(1).columns()).isSameAs(read.get(0).columns());
    assertThat(read.get(1).keyColumns()).isSameAs(read.get(0).keyColumns());
  }

  private ChangeSet decode(String message) {
    return codec.decode(message.getBytes(StandardCharsets.UTF_8));
  }

  private String text(ChangeSet changeSet) {
    return new String(codec.encode(changeSet), StandardCharsets.UTF_8);
  }

  private byte[] assertRoundTrip(ChangeSet changeSet) {
    byte[] message = codec.encode(changeSet);
    assertThat(message).doesNotContain('\n');
    assertThat(codec.decode(message)).isEqualTo(changeSet);
    return message;
  }

  private static ChangeSet changeSet(Change... changes) {
    return new ChangeSet(
        ORIGIN, "app.db", 7, List.of(new Transaction(1, 0, List.of(changes))), Set.of());
  }

  private static Change row(
      Operation operation,
      @Nullable List<@Nullable Object> oldValues,
      @Nullable List<@Nullable Object> newValues) {
    int width = Objects.requireNonNull(newValues == null ? oldValues : newValues).size();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      columns.add("c\"" + i);
    }
    return new Change(
        operation,
        "t \u00e4",
        columns,
        columns.subList(0, 1),
        oldValues == null ? null : 0L,
        newValues == null ? null : Long.MIN_VALUE,
        oldValues,
        newValues,
        null,
        List.of(),
        3);
  }

  private static ChangeSet randomChangeSet(Random random) {
    List<Transaction> transactions = new ArrayList<>();
    long number = 1 + random.nextInt(100);
    for (int i = random.nextInt(3); i >= 0; i--) {
      List<Change> changes = new ArrayList<>();
      for (int j = random.nextInt(4); j > 0; j--) {
        changes.add(randomChange(random));
      }
      transactions.add(new Transaction(number, random.nextInt(1000), changes));
      number += 1 + random.nextInt(3);
    }
    return new ChangeSet(
        new Origin(new NodeId("n" + random.nextInt(5)), random.nextLong() >>> 1),
        randomText(random),
        random.nextLong(),
        transactions,
        random.nextBoolean() ? Set.of() : Set.of(ChangeSet.REQUIRES_VIRTUAL));
  }

  private static Change randomChange(Random random) {
    int width = 1 + random.nextInt(6);
    return switch (random.nextInt(4)) {
      case 0 -> row(Operation.INSERT, null, randomValues(random, width));
      case 1 -> row(Operation.UPDATE, randomValues(random, width), randomValues(random, width));
      case 2 -> row(Operation.DELETE, randomValues(random, width), null);
      default -> Change.sql("x" + randomText(random), randomValues(random, width - 1), 1);
    };
  }

  private static List<@Nullable Object> randomValues(Random random, int width) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      values.add(randomValue(random));
    }
    return Collections.unmodifiableList(values);
  }

  private static @Nullable Object randomValue(Random random) {
    switch (random.nextInt(7)) {
      case 0:
        return null;
      case 1:
        return random.nextLong() >> random.nextInt(64);
      case 2:
        double d = Double.longBitsToDouble(random.nextLong());
        return Double.isNaN(d) ? Double.NEGATIVE_INFINITY : d;
      case 3:
        return (double) random.nextInt(10);
      case 4:
        return randomBytes(random);
      case 5:
        return new RawText(randomBytes(random));
      default:
        return randomText(random);
    }
  }

  private static byte[] randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> text.append((char) random.nextInt(0x10000));
        case 1 -> text.appendCodePoint(random.nextInt(0x110000));
        default -> text.append((char) random.nextInt(128));
      }
    }
    return text.toString();
  }

  private static void damage(Random random, byte[] message) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(message.length);
      switch (random.nextInt(4)) {
        case 0 -> message[at] = (byte) random.nextInt();
        case 1 -> message[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> message[at] = (byte) "{}[]\",:0-eE\\u/".charAt(random.nextInt(14));
        default -> {
          int from = random.nextInt(message.length);
          int length = random.nextInt(Math.min(20, message.length - Math.max(at, from)) + 1);
          System.arraycopy(message.clone(), from, message, at, length);
        }
      }
    }
  }
}
