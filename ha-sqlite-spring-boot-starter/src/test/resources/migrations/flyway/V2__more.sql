alter table note add column stars integer default 0;
update note set stars = 5;
