package io.hasqlite.jdbc;

import io.hasqlite.sqlite.SqliteErrors;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.RowIdLifetime;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Passes every call on to the driver's metadata, and translates what it throws. */
@SuppressWarnings("deprecation")
abstract class ForwardingDatabaseMetaData implements DatabaseMetaData {

  private final DatabaseMetaData metadata;

  ForwardingDatabaseMetaData(DatabaseMetaData metadata) {
    this.metadata = metadata;
  }

  /** Wraps a result set of the driver. */
  abstract ResultSet rows(ResultSet rows) throws SQLException;

  @Override
  public boolean allProceduresAreCallable() throws SQLException {
    try {
      return metadata.allProceduresAreCallable();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean allTablesAreSelectable() throws SQLException {
    try {
      return metadata.allTablesAreSelectable();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean autoCommitFailureClosesAllResultSets() throws SQLException {
    try {
      return metadata.autoCommitFailureClosesAllResultSets();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean dataDefinitionCausesTransactionCommit() throws SQLException {
    try {
      return metadata.dataDefinitionCausesTransactionCommit();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean dataDefinitionIgnoredInTransactions() throws SQLException {
    try {
      return metadata.dataDefinitionIgnoredInTransactions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean deletesAreDetected(int a) throws SQLException {
    try {
      return metadata.deletesAreDetected(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean doesMaxRowSizeIncludeBlobs() throws SQLException {
    try {
      return metadata.doesMaxRowSizeIncludeBlobs();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean generatedKeyAlwaysReturned() throws SQLException {
    try {
      return metadata.generatedKeyAlwaysReturned();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getAttributes(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getAttributes(a, b, c, d));
  }

  @Override
  public ResultSet getBestRowIdentifier(
      @Nullable String a, @Nullable String b, @Nullable String c, int d, boolean e)
      throws SQLException {
    return rows(metadata.getBestRowIdentifier(a, b, c, d, e));
  }

  @Override
  public String getCatalogSeparator() throws SQLException {
    try {
      return metadata.getCatalogSeparator();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getCatalogTerm() throws SQLException {
    try {
      return metadata.getCatalogTerm();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getCatalogs() throws SQLException {
    return rows(metadata.getCatalogs());
  }

  @Override
  public ResultSet getClientInfoProperties() throws SQLException {
    return rows(metadata.getClientInfoProperties());
  }

  @Override
  public ResultSet getColumnPrivileges(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getColumnPrivileges(a, b, c, d));
  }

  @Override
  public ResultSet getColumns(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getColumns(a, b, c, d));
  }

  @Override
  public ResultSet getCrossReference(
      @Nullable String a,
      @Nullable String b,
      @Nullable String c,
      @Nullable String d,
      @Nullable String e,
      @Nullable String f)
      throws SQLException {
    return rows(metadata.getCrossReference(a, b, c, d, e, f));
  }

  @Override
  public int getDatabaseMajorVersion() throws SQLException {
    try {
      return metadata.getDatabaseMajorVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getDatabaseMinorVersion() throws SQLException {
    try {
      return metadata.getDatabaseMinorVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getDatabaseProductName() throws SQLException {
    try {
      return metadata.getDatabaseProductName();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getDatabaseProductVersion() throws SQLException {
    try {
      return metadata.getDatabaseProductVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getDefaultTransactionIsolation() throws SQLException {
    try {
      return metadata.getDefaultTransactionIsolation();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getDriverMajorVersion() {
    return metadata.getDriverMajorVersion();
  }

  @Override
  public int getDriverMinorVersion() {
    return metadata.getDriverMinorVersion();
  }

  @Override
  public String getDriverName() throws SQLException {
    try {
      return metadata.getDriverName();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getDriverVersion() throws SQLException {
    try {
      return metadata.getDriverVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getExportedKeys(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getExportedKeys(a, b, c));
  }

  @Override
  public String getExtraNameCharacters() throws SQLException {
    try {
      return metadata.getExtraNameCharacters();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getFunctionColumns(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getFunctionColumns(a, b, c, d));
  }

  @Override
  public ResultSet getFunctions(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getFunctions(a, b, c));
  }

  @Override
  public String getIdentifierQuoteString() throws SQLException {
    try {
      return metadata.getIdentifierQuoteString();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getImportedKeys(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getImportedKeys(a, b, c));
  }

  @Override
  public ResultSet getIndexInfo(
      @Nullable String a, @Nullable String b, @Nullable String c, boolean d, boolean e)
      throws SQLException {
    return rows(metadata.getIndexInfo(a, b, c, d, e));
  }

  @Override
  public int getJDBCMajorVersion() throws SQLException {
    try {
      return metadata.getJDBCMajorVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getJDBCMinorVersion() throws SQLException {
    try {
      return metadata.getJDBCMinorVersion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxBinaryLiteralLength() throws SQLException {
    try {
      return metadata.getMaxBinaryLiteralLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxCatalogNameLength() throws SQLException {
    try {
      return metadata.getMaxCatalogNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxCharLiteralLength() throws SQLException {
    try {
      return metadata.getMaxCharLiteralLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnNameLength() throws SQLException {
    try {
      return metadata.getMaxColumnNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnsInGroupBy() throws SQLException {
    try {
      return metadata.getMaxColumnsInGroupBy();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnsInIndex() throws SQLException {
    try {
      return metadata.getMaxColumnsInIndex();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnsInOrderBy() throws SQLException {
    try {
      return metadata.getMaxColumnsInOrderBy();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnsInSelect() throws SQLException {
    try {
      return metadata.getMaxColumnsInSelect();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxColumnsInTable() throws SQLException {
    try {
      return metadata.getMaxColumnsInTable();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxConnections() throws SQLException {
    try {
      return metadata.getMaxConnections();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxCursorNameLength() throws SQLException {
    try {
      return metadata.getMaxCursorNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxIndexLength() throws SQLException {
    try {
      return metadata.getMaxIndexLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public long getMaxLogicalLobSize() throws SQLException {
    try {
      return metadata.getMaxLogicalLobSize();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxProcedureNameLength() throws SQLException {
    try {
      return metadata.getMaxProcedureNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxRowSize() throws SQLException {
    try {
      return metadata.getMaxRowSize();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxSchemaNameLength() throws SQLException {
    try {
      return metadata.getMaxSchemaNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxStatementLength() throws SQLException {
    try {
      return metadata.getMaxStatementLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxStatements() throws SQLException {
    try {
      return metadata.getMaxStatements();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxTableNameLength() throws SQLException {
    try {
      return metadata.getMaxTableNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxTablesInSelect() throws SQLException {
    try {
      return metadata.getMaxTablesInSelect();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getMaxUserNameLength() throws SQLException {
    try {
      return metadata.getMaxUserNameLength();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getNumericFunctions() throws SQLException {
    try {
      return metadata.getNumericFunctions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getPrimaryKeys(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getPrimaryKeys(a, b, c));
  }

  @Override
  public ResultSet getProcedureColumns(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getProcedureColumns(a, b, c, d));
  }

  @Override
  public String getProcedureTerm() throws SQLException {
    try {
      return metadata.getProcedureTerm();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getProcedures(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getProcedures(a, b, c));
  }

  @Override
  public ResultSet getPseudoColumns(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String d)
      throws SQLException {
    return rows(metadata.getPseudoColumns(a, b, c, d));
  }

  @Override
  public int getResultSetHoldability() throws SQLException {
    try {
      return metadata.getResultSetHoldability();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public RowIdLifetime getRowIdLifetime() throws SQLException {
    try {
      return metadata.getRowIdLifetime();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getSQLKeywords() throws SQLException {
    try {
      return metadata.getSQLKeywords();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public int getSQLStateType() throws SQLException {
    try {
      return metadata.getSQLStateType();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getSchemaTerm() throws SQLException {
    try {
      return metadata.getSchemaTerm();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getSchemas() throws SQLException {
    return rows(metadata.getSchemas());
  }

  @Override
  public ResultSet getSchemas(@Nullable String a, @Nullable String b) throws SQLException {
    return rows(metadata.getSchemas(a, b));
  }

  @Override
  public String getSearchStringEscape() throws SQLException {
    try {
      return metadata.getSearchStringEscape();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getStringFunctions() throws SQLException {
    try {
      return metadata.getStringFunctions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getSuperTables(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getSuperTables(a, b, c));
  }

  @Override
  public ResultSet getSuperTypes(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getSuperTypes(a, b, c));
  }

  @Override
  public String getSystemFunctions() throws SQLException {
    try {
      return metadata.getSystemFunctions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getTablePrivileges(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getTablePrivileges(a, b, c));
  }

  @Override
  public ResultSet getTableTypes() throws SQLException {
    return rows(metadata.getTableTypes());
  }

  @Override
  public ResultSet getTables(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable String[] d)
      throws SQLException {
    return rows(metadata.getTables(a, b, c, d));
  }

  @Override
  public String getTimeDateFunctions() throws SQLException {
    try {
      return metadata.getTimeDateFunctions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getTypeInfo() throws SQLException {
    return rows(metadata.getTypeInfo());
  }

  @Override
  public ResultSet getUDTs(
      @Nullable String a, @Nullable String b, @Nullable String c, @Nullable int[] d)
      throws SQLException {
    return rows(metadata.getUDTs(a, b, c, d));
  }

  @Override
  public String getURL() throws SQLException {
    try {
      return metadata.getURL();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public String getUserName() throws SQLException {
    try {
      return metadata.getUserName();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public ResultSet getVersionColumns(@Nullable String a, @Nullable String b, @Nullable String c)
      throws SQLException {
    return rows(metadata.getVersionColumns(a, b, c));
  }

  @Override
  public boolean insertsAreDetected(int a) throws SQLException {
    try {
      return metadata.insertsAreDetected(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isCatalogAtStart() throws SQLException {
    try {
      return metadata.isCatalogAtStart();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean isReadOnly() throws SQLException {
    try {
      return metadata.isReadOnly();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean locatorsUpdateCopy() throws SQLException {
    try {
      return metadata.locatorsUpdateCopy();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean nullPlusNonNullIsNull() throws SQLException {
    try {
      return metadata.nullPlusNonNullIsNull();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean nullsAreSortedAtEnd() throws SQLException {
    try {
      return metadata.nullsAreSortedAtEnd();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean nullsAreSortedAtStart() throws SQLException {
    try {
      return metadata.nullsAreSortedAtStart();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean nullsAreSortedHigh() throws SQLException {
    try {
      return metadata.nullsAreSortedHigh();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean nullsAreSortedLow() throws SQLException {
    try {
      return metadata.nullsAreSortedLow();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean othersDeletesAreVisible(int a) throws SQLException {
    try {
      return metadata.othersDeletesAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean othersInsertsAreVisible(int a) throws SQLException {
    try {
      return metadata.othersInsertsAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean othersUpdatesAreVisible(int a) throws SQLException {
    try {
      return metadata.othersUpdatesAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean ownDeletesAreVisible(int a) throws SQLException {
    try {
      return metadata.ownDeletesAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean ownInsertsAreVisible(int a) throws SQLException {
    try {
      return metadata.ownInsertsAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean ownUpdatesAreVisible(int a) throws SQLException {
    try {
      return metadata.ownUpdatesAreVisible(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesLowerCaseIdentifiers() throws SQLException {
    try {
      return metadata.storesLowerCaseIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesLowerCaseQuotedIdentifiers() throws SQLException {
    try {
      return metadata.storesLowerCaseQuotedIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesMixedCaseIdentifiers() throws SQLException {
    try {
      return metadata.storesMixedCaseIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesMixedCaseQuotedIdentifiers() throws SQLException {
    try {
      return metadata.storesMixedCaseQuotedIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesUpperCaseIdentifiers() throws SQLException {
    try {
      return metadata.storesUpperCaseIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean storesUpperCaseQuotedIdentifiers() throws SQLException {
    try {
      return metadata.storesUpperCaseQuotedIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsANSI92EntryLevelSQL() throws SQLException {
    try {
      return metadata.supportsANSI92EntryLevelSQL();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsANSI92FullSQL() throws SQLException {
    try {
      return metadata.supportsANSI92FullSQL();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsANSI92IntermediateSQL() throws SQLException {
    try {
      return metadata.supportsANSI92IntermediateSQL();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsAlterTableWithAddColumn() throws SQLException {
    try {
      return metadata.supportsAlterTableWithAddColumn();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsAlterTableWithDropColumn() throws SQLException {
    try {
      return metadata.supportsAlterTableWithDropColumn();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsBatchUpdates() throws SQLException {
    try {
      return metadata.supportsBatchUpdates();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCatalogsInDataManipulation() throws SQLException {
    try {
      return metadata.supportsCatalogsInDataManipulation();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCatalogsInIndexDefinitions() throws SQLException {
    try {
      return metadata.supportsCatalogsInIndexDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCatalogsInPrivilegeDefinitions() throws SQLException {
    try {
      return metadata.supportsCatalogsInPrivilegeDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCatalogsInProcedureCalls() throws SQLException {
    try {
      return metadata.supportsCatalogsInProcedureCalls();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCatalogsInTableDefinitions() throws SQLException {
    try {
      return metadata.supportsCatalogsInTableDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsColumnAliasing() throws SQLException {
    try {
      return metadata.supportsColumnAliasing();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsConvert() throws SQLException {
    try {
      return metadata.supportsConvert();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsConvert(int a, int b) throws SQLException {
    try {
      return metadata.supportsConvert(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCoreSQLGrammar() throws SQLException {
    try {
      return metadata.supportsCoreSQLGrammar();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsCorrelatedSubqueries() throws SQLException {
    try {
      return metadata.supportsCorrelatedSubqueries();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsDataDefinitionAndDataManipulationTransactions() throws SQLException {
    try {
      return metadata.supportsDataDefinitionAndDataManipulationTransactions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsDataManipulationTransactionsOnly() throws SQLException {
    try {
      return metadata.supportsDataManipulationTransactionsOnly();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsDifferentTableCorrelationNames() throws SQLException {
    try {
      return metadata.supportsDifferentTableCorrelationNames();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsExpressionsInOrderBy() throws SQLException {
    try {
      return metadata.supportsExpressionsInOrderBy();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsExtendedSQLGrammar() throws SQLException {
    try {
      return metadata.supportsExtendedSQLGrammar();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsFullOuterJoins() throws SQLException {
    try {
      return metadata.supportsFullOuterJoins();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsGetGeneratedKeys() throws SQLException {
    try {
      return metadata.supportsGetGeneratedKeys();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsGroupBy() throws SQLException {
    try {
      return metadata.supportsGroupBy();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsGroupByBeyondSelect() throws SQLException {
    try {
      return metadata.supportsGroupByBeyondSelect();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsGroupByUnrelated() throws SQLException {
    try {
      return metadata.supportsGroupByUnrelated();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsIntegrityEnhancementFacility() throws SQLException {
    try {
      return metadata.supportsIntegrityEnhancementFacility();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsLikeEscapeClause() throws SQLException {
    try {
      return metadata.supportsLikeEscapeClause();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsLimitedOuterJoins() throws SQLException {
    try {
      return metadata.supportsLimitedOuterJoins();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMinimumSQLGrammar() throws SQLException {
    try {
      return metadata.supportsMinimumSQLGrammar();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMixedCaseIdentifiers() throws SQLException {
    try {
      return metadata.supportsMixedCaseIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMixedCaseQuotedIdentifiers() throws SQLException {
    try {
      return metadata.supportsMixedCaseQuotedIdentifiers();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMultipleOpenResults() throws SQLException {
    try {
      return metadata.supportsMultipleOpenResults();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMultipleResultSets() throws SQLException {
    try {
      return metadata.supportsMultipleResultSets();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsMultipleTransactions() throws SQLException {
    try {
      return metadata.supportsMultipleTransactions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsNamedParameters() throws SQLException {
    try {
      return metadata.supportsNamedParameters();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsNonNullableColumns() throws SQLException {
    try {
      return metadata.supportsNonNullableColumns();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOpenCursorsAcrossCommit() throws SQLException {
    try {
      return metadata.supportsOpenCursorsAcrossCommit();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOpenCursorsAcrossRollback() throws SQLException {
    try {
      return metadata.supportsOpenCursorsAcrossRollback();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOpenStatementsAcrossCommit() throws SQLException {
    try {
      return metadata.supportsOpenStatementsAcrossCommit();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOpenStatementsAcrossRollback() throws SQLException {
    try {
      return metadata.supportsOpenStatementsAcrossRollback();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOrderByUnrelated() throws SQLException {
    try {
      return metadata.supportsOrderByUnrelated();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsOuterJoins() throws SQLException {
    try {
      return metadata.supportsOuterJoins();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsPositionedDelete() throws SQLException {
    try {
      return metadata.supportsPositionedDelete();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsPositionedUpdate() throws SQLException {
    try {
      return metadata.supportsPositionedUpdate();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsRefCursors() throws SQLException {
    try {
      return metadata.supportsRefCursors();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsResultSetConcurrency(int a, int b) throws SQLException {
    try {
      return metadata.supportsResultSetConcurrency(a, b);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsResultSetHoldability(int a) throws SQLException {
    try {
      return metadata.supportsResultSetHoldability(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsResultSetType(int a) throws SQLException {
    try {
      return metadata.supportsResultSetType(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSavepoints() throws SQLException {
    try {
      return metadata.supportsSavepoints();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSchemasInDataManipulation() throws SQLException {
    try {
      return metadata.supportsSchemasInDataManipulation();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSchemasInIndexDefinitions() throws SQLException {
    try {
      return metadata.supportsSchemasInIndexDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSchemasInPrivilegeDefinitions() throws SQLException {
    try {
      return metadata.supportsSchemasInPrivilegeDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSchemasInProcedureCalls() throws SQLException {
    try {
      return metadata.supportsSchemasInProcedureCalls();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSchemasInTableDefinitions() throws SQLException {
    try {
      return metadata.supportsSchemasInTableDefinitions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSelectForUpdate() throws SQLException {
    try {
      return metadata.supportsSelectForUpdate();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSharding() throws SQLException {
    try {
      return metadata.supportsSharding();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsStatementPooling() throws SQLException {
    try {
      return metadata.supportsStatementPooling();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsStoredFunctionsUsingCallSyntax() throws SQLException {
    try {
      return metadata.supportsStoredFunctionsUsingCallSyntax();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsStoredProcedures() throws SQLException {
    try {
      return metadata.supportsStoredProcedures();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSubqueriesInComparisons() throws SQLException {
    try {
      return metadata.supportsSubqueriesInComparisons();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSubqueriesInExists() throws SQLException {
    try {
      return metadata.supportsSubqueriesInExists();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSubqueriesInIns() throws SQLException {
    try {
      return metadata.supportsSubqueriesInIns();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsSubqueriesInQuantifieds() throws SQLException {
    try {
      return metadata.supportsSubqueriesInQuantifieds();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsTableCorrelationNames() throws SQLException {
    try {
      return metadata.supportsTableCorrelationNames();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsTransactionIsolationLevel(int a) throws SQLException {
    try {
      return metadata.supportsTransactionIsolationLevel(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsTransactions() throws SQLException {
    try {
      return metadata.supportsTransactions();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsUnion() throws SQLException {
    try {
      return metadata.supportsUnion();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean supportsUnionAll() throws SQLException {
    try {
      return metadata.supportsUnionAll();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean updatesAreDetected(int a) throws SQLException {
    try {
      return metadata.updatesAreDetected(a);
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean usesLocalFilePerTable() throws SQLException {
    try {
      return metadata.usesLocalFilePerTable();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }

  @Override
  public boolean usesLocalFiles() throws SQLException {
    try {
      return metadata.usesLocalFiles();
    } catch (SQLException e) {
      throw SqliteErrors.translate(e);
    }
  }
}
