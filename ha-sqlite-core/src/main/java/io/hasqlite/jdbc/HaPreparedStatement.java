package io.hasqlite.jdbc;

import io.hasqlite.sql.SqlStatement;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement. Its text may hold several statements if all parameters are plain question
 * marks: they are numbered through.
 */
final class HaPreparedStatement extends ParameterSetters {

  private final List<PreparedPart> parts = new ArrayList<>();
  private final List<SqlStatement> statements;
  private final Parameters parameters;

  HaPreparedStatement(HaConnection connection, String sql) throws SQLException {
    super(connection);
    statements = SqlStatement.scanAll(sql);
    int count = 0;
    for (SqlStatement statement : statements) {
      if (statements.size() > 1 && !statement.parameters().stream().allMatch("?"::equals)) {
        throw new SQLException(
            "Several statements can only be prepared together if all their parameters are plain"
                + " question marks",
            "07001");
      }
      parts.add(new PreparedPart(connection, statement, count));
      count += statement.parameterCount();
    }
    parameters = new Parameters(count);
    if (!parts.isEmpty() && parts.get(0).isPrepared()) {
      // Bad SQL is to be told now; a later statement may need what an earlier one makes.
      parts.get(0).prepared();
    }
  }

  @Override
  void bind(int index, Parameters.Binding binding) throws SQLException {
    checkOpen();
    parameters.set(index, binding);
  }

  @Override
  public void clearParameters() throws SQLException {
    checkOpen();
    parameters.clear();
  }

  @Override
  public boolean execute() throws SQLException {
    checkOpen();
    return executeAll(statements, execution(parameters, true));
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    checkOpen();
    return queryAll(statements, execution(parameters, true));
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    checkOpen();
    return updateAll(statements, execution(parameters, true));
  }

  @Override
  public int executeUpdate() throws SQLException {
    return toInt(executeLargeUpdate());
  }

  @Override
  public void addBatch() throws SQLException {
    addBatch(new BatchEntry(statements, execution(parameters.copy(), wantsBatchKeys())));
  }

  private Execution execution(Parameters values, boolean keys) {
    return new Execution() {
      @Override
      public Outcome run(SqlStatement statement) throws SQLException {
        return HaPreparedStatement.this.run(statement, values, keys);
      }

      @Override
      public void bindArguments(SqlStatement statement, PreparedStatement target)
          throws SQLException {
        for (PreparedPart part : parts) {
          if (part.statement() == statement) {
            values.bind(target, part.offset(), statement.parameterCount());
          }
        }
      }
    };
  }

  private Outcome run(SqlStatement statement, Parameters values, boolean keys) throws SQLException {
    for (PreparedPart part : parts) {
      if (part.statement() == statement && part.isPrepared()) {
        return run(part, values, keys);
      }
    }
    return runText(statement);
  }

  private Outcome run(PreparedPart part, Parameters values, boolean keys) throws SQLException {
    SqlStatement statement = part.statement();
    try {
      PreparedStatement driver = part.prepared();
      driver.setLargeMaxRows(maxRows());
      values.bind(driver, part.offset(), statement.parameterCount());
      boolean rows = driver.execute();
      Outcome outcome = outcome(statement, driver, rows, null, keys);
      part.hasRun();
      return outcome;
    } catch (SQLException e) {
      part.discard();
      throw e;
    }
  }

  @Override
  void readingFailed() {
    for (PreparedPart part : parts) {
      part.hasFailed();
    }
  }

  @Override
  public @Nullable ResultSetMetaData getMetaData() throws SQLException {
    checkOpen();
    if (parts.isEmpty() || !parts.get(0).isPrepared()) {
      return null;
    }
    ResultSetMetaData metadata = connection().locked(() -> parts.get(0).metadata());
    return metadata.getColumnCount() == 0 ? null : metadata;
  }

  @Override
  public ParameterMetaData getParameterMetaData() throws SQLException {
    checkOpen();
    return new HaParameterMetaData(parameters.count());
  }

  /** Refuses the methods of a statement that take a text. */
  @Override
  List<SqlStatement> parse(String sql) throws SQLException {
    throw new SQLException("A prepared statement has its text already", "HY010");
  }

  @Override
  public void close() throws SQLException {
    if (isClosed()) {
      return;
    }
    super.close();
    for (PreparedPart part : parts) {
      part.close();
    }
  }
}
