package io.hasqlite.changeset;

import static org.assertj.core.api.Assertions.assertThat;

import io.hasqlite.NodeId;
import io.hasqlite.Origin;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentMessagesTests {

  private static final int MESSAGES_MAX = 64;
  private static final int BYTES_MAX = 8 * 1024 * 1024;

  private final ChangeSetCodec codec = new ChangeSetCodec();
  private SentMessages sent = new SentMessages();

  private static Change row(String value) {
    return Change.insert("t", List.of("a"), List.of("a"), 1L, List.of(value), 1);
  }

  private List<Change> encoded(Change... changes) throws SQLException {
    List<byte[]> pieces = new ArrayList<>();
    codec.encodePieces(List.of(changes), Integer.MAX_VALUE, pieces::add);
    return codec.lazyPiece(pieces.get(0));
  }

  private static ChangeSet message(long firstNumber, List<List<Change>> transactions) {
    List<Transaction> numbered = new ArrayList<>();
    for (List<Change> changes : transactions) {
      numbered.add(new Transaction(firstNumber + numbered.size(), 7, changes));
    }
    return new ChangeSet(new Origin(new NodeId("n"), 255), "f", 1, numbered, Set.of());
  }

  private byte[] add(long number, String value) throws SQLException {
    ChangeSet changeSet = message(number, List.of(encoded(row(value))));
    byte[] bytes = codec.encode(changeSet);
    sent.add(bytes, changeSet);
    return bytes;
  }

  @Test
  void whatComesBackIsWhatDecodingGives() throws SQLException {
    ChangeSet changeSet =
        message(3, List.of(encoded(row("x"), row("\u0000\ud800 y")), encoded(), encoded(row("z"))));
    byte[] bytes = codec.encode(changeSet);
    sent.add(bytes, changeSet);

    ChangeSet taken = sent.take(bytes.clone());

    assertThat(taken).isSameAs(changeSet).isEqualTo(codec.decode(bytes));
    assertThat(taken.transactions()).allMatch(Transaction::isEncoded);
  }

  private void assertKnown(byte[] message) {
    assertThat(sent.take(message)).isEqualTo(codec.decode(message));
  }

  @Test
  void whatAnEncodedTransactionMayHoldIsKnown() throws SQLException {
    Change custom =
        new Change(
            Operation.CUSTOM, "", List.of(), List.of(), null, null, null, null, "x", List.of(), 0);
    String hidden = "\"operation\":\"CUSTOM\"";

    assertThat(new Transaction(1, 0, encoded(row(hidden))).mayHold(Operation.CUSTOM)).isFalse();
    assertThat(new Transaction(1, 0, encoded(row(hidden))).mayHold(Operation.INSERT)).isTrue();
    assertThat(new Transaction(1, 0, encoded(custom)).mayHold(Operation.CUSTOM)).isTrue();
    assertThat(new Transaction(1, 0, encoded(row("x"), custom)).mayHold(Operation.CUSTOM)).isTrue();
    assertThat(new Transaction(1, 0, encoded()).mayHold(Operation.CUSTOM)).isFalse();
    assertThat(new Transaction(1, 0, List.of(row("x"))).mayHold(Operation.CUSTOM)).isTrue();
  }

  @Test
  void eachIsTakenOnce() throws SQLException {
    byte[] bytes = add(1, "x");

    assertKnown(bytes);
    assertThat(sent.take(bytes)).isNull();
  }

  /** Somebody who writes as this node must not be believed. */
  @Test
  void aMessageWithOneOtherByteIsNotKnown() throws SQLException {
    byte[] bytes = add(1, "x");
    for (int i = 0; i < bytes.length; i++) {
      byte[] other = bytes.clone();
      other[i] ^= 1;
      assertThat(sent.take(other)).as("byte %d", i).isNull();
    }
    assertKnown(bytes);
  }

  @Test
  void changesThatAreNotEncodedAreDecodedAsOnOtherNodes() throws SQLException {
    ChangeSet changeSet = message(1, List.of(encoded(row("x")), List.of(row("y"))));
    byte[] bytes = codec.encode(changeSet);
    sent.add(bytes, changeSet);

    assertThat(sent.take(bytes)).isNull();
    assertThat(codec.decode(bytes).transactions()).noneMatch(Transaction::isEncoded);
  }

  @Test
  void whatWasSentBeforeIsForgotten() throws SQLException {
    byte[] first = add(1, "x");
    byte[] second = add(2, "x");
    byte[] third = add(3, "x");

    assertKnown(second);
    assertThat(sent.take(first)).isNull();
    assertKnown(third);
  }

  @Test
  void asManyAreKeptAsMayBe() throws SQLException {
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i <= MESSAGES_MAX; i++) {
      all.add(add(i + 1, "x"));
    }

    assertThat(sent.take(all.get(0))).isNull();
    for (byte[] bytes : all.subList(1, all.size())) {
      assertKnown(bytes);
    }
  }

  @Test
  void nothingIsKeptWhereNothingIsToBe() throws SQLException {
    sent = SentMessages.none();
    assertThat(sent.take(add(1, "x"))).isNull();
  }

  @Test
  void asManyBytesAreKeptAsMayBe() throws SQLException {
    String third = "x".repeat(BYTES_MAX / 3);
    byte[] first = add(1, third);
    byte[] second = add(2, third);
    byte[] last = add(3, third); // each has a head, too

    assertThat(sent.take(first)).isNull();
    assertKnown(second);
    assertKnown(last);
    byte[] next = add(4, third);
    byte[] tooLarge = add(5, "x".repeat(BYTES_MAX));
    assertThat(sent.take(tooLarge)).isNull();
    assertKnown(next);
  }
}
