-- Rows that any node may insert have UUIDs as keys: two nodes that count up by themselves would
-- give two rows the same number, and one of them would be lost.

CREATE TABLE artist (
  id   TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE album (
  id        TEXT NOT NULL PRIMARY KEY,
  artist_id TEXT NOT NULL REFERENCES artist,
  title     TEXT NOT NULL
);

CREATE TABLE track (
  id          TEXT    NOT NULL PRIMARY KEY,
  album_id    TEXT    NOT NULL REFERENCES album,
  name        TEXT    NOT NULL CHECK (name <> ''),
  price_cents INTEGER NOT NULL CHECK (price_cents >= 0),
  stock       INTEGER NOT NULL CHECK (stock >= 0)
);
CREATE INDEX track_album ON track (album_id);

CREATE TABLE customer (
  id    TEXT NOT NULL PRIMARY KEY,
  name  TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE
);

CREATE TABLE orders (
  id          TEXT NOT NULL PRIMARY KEY,
  customer_id TEXT NOT NULL REFERENCES customer,
  node        TEXT NOT NULL,
  placed_at   TEXT NOT NULL
);

CREATE TABLE order_line (
  order_id    TEXT    NOT NULL REFERENCES orders ON DELETE CASCADE,
  track_id    TEXT    NOT NULL REFERENCES track,
  quantity    INTEGER NOT NULL CHECK (quantity > 0),
  price_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, track_id)
) WITHOUT ROWID;

CREATE TABLE track_audit (
  id              TEXT NOT NULL PRIMARY KEY,
  track_id        TEXT NOT NULL,
  changed_at      TEXT NOT NULL,
  old_price_cents INTEGER,
  new_price_cents INTEGER,
  old_stock       INTEGER,
  new_stock       INTEGER
);

-- Fires where the change is made; the other nodes get the row that it wrote, random key and time
-- included.
CREATE TRIGGER track_changed AFTER UPDATE OF price_cents, stock ON track
WHEN old.price_cents <> new.price_cents OR old.stock <> new.stock
BEGIN
  INSERT INTO track_audit
  VALUES (lower(hex(randomblob(16))), new.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
          old.price_cents, new.price_cents, old.stock, new.stock);
END;
