--liquibase formatted sql

--changeset test:1
create table note(id integer primary key, text not null);

--changeset test:2
insert into note(text) values ('made by the migration');

--changeset test:3
alter table note add column stars integer default 0;
update note set stars = 5;
