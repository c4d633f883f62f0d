create table note(id integer primary key, text not null);
insert into note(text) values ('made by the migration');
