-- Makes Huifang's two roles and its database; run it as a superuser of PostgreSQL 14 or newer, again does no harm:
--   sudo -u postgres psql -f deploy/postgresql/roles.sql
-- Other names: psql -v database=crm -v owner=crm_owner -v app=crm_app -f deploy/postgresql/roles.sql
-- Then give each a password (psql asks for it and sends only its hash):
--   \password huifang_owner
--   \password huifang_app
\set ON_ERROR_STOP on
\if :{?database} \else \set database huifang \endif
\if :{?owner} \else \set owner huifang_owner \endif
\if :{?app} \else \set app huifang_app \endif

-- the owner makes and alters tables (migrate, restore, drill); the application only reads and writes rows
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', wanted)
FROM unnest(ARRAY[:'owner', :'app']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

-- C.UTF-8: texts compare the same on every machine and after every update of the system's library
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8''',
              :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database')
\gexec

REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";
-- for the restore drill, which restores into a database of its own and drops it again
ALTER ROLE :"owner" CREATEDB;

\connect :"database"
ALTER SCHEMA public OWNER TO :"owner";
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"app";
-- the rights on the tables follow after `manage.py migrate`: manage.py grant_rights --role huifang_app
