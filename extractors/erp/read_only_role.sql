-- The role with which the platform reads the ERP. Run by an administrator, in the ERP's database:
--
--   psql --set=schema=public --set=role=nova_reader --file=extractors/erp/read_only_role.sql "<address of the ERP>"
--
-- then give it a password with `\password nova_reader`. It may read the tables of one schema, now and later, and do
-- nothing else. Revoke a table or a column from it, and the platform does not see it either.
\set ON_ERROR_STOP on
begin;
create role :"role" login connection limit 4;
alter role :"role" set default_transaction_read_only = on;
-- a reading that hangs does not hold back the ERP's vacuum for ever
alter role :"role" set idle_in_transaction_session_timeout = '1h';
revoke temporary on database :"DBNAME" from public;
grant connect on database :"DBNAME" to :"role";
grant usage on schema :"schema" to :"role";
grant select on all tables in schema :"schema" to :"role";
alter default privileges in schema :"schema" grant select on tables to :"role";
commit;
