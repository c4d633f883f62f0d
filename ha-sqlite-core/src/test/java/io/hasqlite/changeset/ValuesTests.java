package io.hasqlite.changeset;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ValuesTests {

  @Test
  void sameComparesTypeAndContent() {
    List<Object> distinct =
        Arrays.asList(
            null,
            1L,
            1.0,
            "1",
            0L,
            0.0,
            -0.0,
            "",
            new byte[0],
            new byte[] {1},
            new RawText(new byte[] {1}),
            new RawText(new byte[0]));

    for (int i = 0; i < distinct.size(); i++) {
      for (int j = 0; j < distinct.size(); j++) {
        assertThat(Values.same(distinct.get(i), distinct.get(j))).isEqualTo(i == j);
      }
    }
    assertThat(Values.same(new byte[] {1, 2}, new byte[] {1, 2})).isTrue();
    assertThat(Values.same(new RawText(new byte[] {1}), new RawText(new byte[] {1}))).isTrue();
    assertThat(Values.same(1000L, Long.valueOf("1000"))).isTrue();
  }

  @Test
  void sameAllComparesLists() {
    assertThat(Values.sameAll(null, null)).isTrue();
    assertThat(Values.sameAll(List.of(), null)).isFalse();
    assertThat(Values.sameAll(List.of(1L), List.of(1.0))).isFalse();
    assertThat(Values.sameAll(Collections.singletonList(null), Collections.singletonList(null)))
        .isTrue();
    assertThat(Values.sameAll(List.of(1L), List.of(1L, 2L))).isFalse();
  }

  @Test
  void keysAreEqualExactlyWhereSqliteFindsTheValuesEqual() throws Exception {
    List<Object> values =
        new ArrayList<>(
            List.of(
                0L,
                0.0,
                -0.0,
                1L,
                1.0,
                1.5,
                "1",
                "",
                "a",
                "A",
                new byte[0],
                new byte[] {1},
                new byte[] {'a'},
                Long.MAX_VALUE,
                Long.MAX_VALUE - 1,
                Long.MIN_VALUE,
                0x1p63,
                -0x1p63,
                0x1p62,
                1L << 62,
                9007199254740993L,
                9007199254740992L,
                9007199254740992.0,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.MIN_VALUE,
                1e300));
    values.add(new byte[] {1});
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      long whole = random.nextLong() >> random.nextInt(64);
      values.add(whole);
      values.add((double) whole);
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        PreparedStatement equal = connection.prepareStatement("SELECT ? = ?")) {
      for (Object a : values) {
        for (Object b : values) {
          equal.setObject(1, a);
          equal.setObject(2, b);
          try (ResultSet result = equal.executeQuery()) {
            result.next();
            assertThat(Objects.equals(Values.keyValue(a), Values.keyValue(b)))
                .as("%s = %s", Values.describe(a), Values.describe(b))
                .isEqualTo(result.getBoolean(1));
          }
        }
      }
    }
    assertThat(Values.keyValue(null)).isNull();
  }

  @Test
  void describesValuesShortly() {
    assertThat(Values.describe(null)).isEqualTo("NULL");
    assertThat(Values.describe(1L)).isEqualTo("1");
    assertThat(Values.describe(1.0)).isEqualTo("1.0");
    assertThat(Values.describe("it's\n")).isEqualTo("'it''s\\u000a'");
    assertThat(Values.describe(new byte[] {1, -1})).isEqualTo("x'01ff'");
    assertThat(Values.describe(new RawText(new byte[] {-1}))).isEqualTo("CAST(x'ff' AS TEXT)");
    assertThat(Values.describe("a".repeat(100)))
        .isEqualTo("'" + "a".repeat(40) + "'... (100 characters)");
    assertThat(Values.describe("a".repeat(39) + "\uD83D\uDE00" + "b"))
        .startsWith("'" + "a".repeat(39) + "'...");
    assertThat(Values.describe(new byte[1000]))
        .isEqualTo("x'" + "00".repeat(16) + "'... (1000 bytes)");
    assertThat(Values.describeAll(Collections.nCopies(22, 1L))).endsWith("1, and 2 more)");
    assertThat(Values.describeAll(List.of(1L, "a"))).isEqualTo("(1, 'a')");
  }
}
