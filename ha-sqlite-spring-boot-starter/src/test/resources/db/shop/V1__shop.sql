create table product(
  id integer primary key,
  name text not null unique,
  stock integer not null check (stock >= 0)
);

create table stock_history(
  id text primary key not null,
  product integer not null references product(id),
  note text not null
);

create trigger product_stock after update of stock on product
begin
  insert into stock_history(id, product, note)
  values (lower(hex(randomblob(16))), new.id, 'from ' || old.stock || '; to ' || new.stock);
end;
