insert into product(name, stock) values ('pear', 10);
