INSERT INTO t VALUES (1, ';', '--'); INSERT INTO t(a) VALUES ('/*'); -- done; INSERT
;
====
/* first; */ UPDATE t SET b = 'it''s; "x"' /* ; */ WHERE a IS NOT NULL;;
====
CREATE TRIGGER IF NOT EXISTS "r;%" AFTER INSERT ON t WHEN CASE WHEN new.a THEN 1 ELSE 0 END BEGIN
  UPDATE t SET c = CASE new.a WHEN 1 THEN CASE 1 WHEN 1 THEN 'x;' END ELSE ';END;' END WHERE rowid = new.rowid;
  -- ; END;
  INSERT OR IGNORE INTO u(name) VALUES (new.b || ';'); /* END; */
END; INSERT INTO t VALUES (1, %, NULL);
====
CREATE TEMP TRIGGER IF NOT EXISTS begin% AFTER UPDATE OF a ON t BEGIN SELECT a AS end FROM t; DELETE FROM u WHERE id > 1000; END;
UPDATE t SET a = 2 WHERE a = 1;
====
CREATE TABLE IF NOT EXISTS "a;b%"([c;d] DEFAULT ';', `e;` TEXT CHECK (`e;` <> ';'));INSERT INTO "a;b%" DEFAULT VALUES;
====
INSERT INTO t(a, b) VALUES (x'3b', 1_000), (0x3B, '; END;'), (.5e-3, ';
');
====
WITH x(y) AS (VALUES (1), (2)) INSERT INTO t(a) SELECT y FROM x WHERE y <> ';';
====
CREATE VIEW IF NOT EXISTS "w%" AS SELECT ';' -- end;
 AS "x;y" FROM t;
====
CREATE VIRTUAL TABLE IF NOT EXISTS f% USING fts5(x, tokenize = "unicode61 separators ';'"); INSERT INTO f% VALUES ('a;b');
====
BEGIN; INSERT INTO t(a) VALUES ('in;'); SAVEPOINT "s;"; DELETE FROM t; ROLLBACK TO "s;"; RELEASE "s;"; COMMIT;
====
BEGIN IMMEDIATE; INSERT INTO t(a) VALUES (99); ROLLBACK; /* not the end of the script * / ; */
====
CREATE INDEX IF NOT EXISTS "i;%" ON t(a || ';', b COLLATE nocase DESC) WHERE c <> ';'; DROP INDEX IF EXISTS "i;%";
====
INSERT INTO u(name) VALUES ('n%') ON CONFLICT (name) DO UPDATE SET name = excluded.name || ';';
