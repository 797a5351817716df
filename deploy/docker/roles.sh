#!/bin/sh
# Inside the database's container, at its first start: the two roles, the database, and their passwords from db.env.
set -eu
psql --username postgres --file /roles.sql
psql --username postgres --quiet --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" <<'SQL'
ALTER ROLE huifang_owner PASSWORD :'owner';
ALTER ROLE huifang_app PASSWORD :'app';
SQL
