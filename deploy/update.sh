#!/bin/sh
# Brings an installation to the version that now lies in /opt/huifang, while people go on working; run it as root:
#   cd /opt/huifang && git fetch && git checkout v1.2.3 && deploy/update.sh
# Backup, packages, migration, rights, restart one after the other, doctor. A step that fails ends it: whatever serves
# goes on with the old code in its memory, and running it again begins anew. ACCEPT_LOCKS=1: this is the quiet minute.
# Other places than those of docs/operations.md: see deploy/manage.sh; APP_ROLE, BACKUPS, ROLLING.
set -eu
cd "$(dirname "$0")/.."
owner=${OWNER_SETTINGS:-/etc/huifang/owner.env}
manage=deploy/manage.sh

say() { printf '\n== %s\n' "$*"; }

say "Backup"
$manage backup --to "${BACKUPS:-/var/backups/huifang}"

say "Packages, translations, static files"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
$manage --root i18n compile
$manage check --deploy --fail-level ERROR
$manage collectstatic --noinput --verbosity 0

say "Migration"
$manage --owner weigh_migrations ${ACCEPT_LOCKS:+--accept}
tries=1
until $manage --owner migrate --noinput --verbosity 1; do
  [ "$tries" -lt 5 ] || { echo "The migration did not go through, see above. The old version goes on." >&2; exit 1; }
  tries=$((tries + 1))
  sleep 15
done
$manage --owner install_defaults --verbosity 0
[ ! -s "$owner" ] || $manage --owner grant_rights --role "${APP_ROLE:-huifang_app}"

say "Restart, one after the other"
"${ROLLING:-deploy/rolling.sh}"

for unit in deploy/systemd/*; do
  mine=${UNITS:-/etc/systemd/system}/$(basename "$unit")
  [ ! -e "$mine" ] || cmp -s "$unit" "$mine" || echo "$mine is not the one of this version: see \"Units\" in docs/operations.md."
done

say "Doctor"
sleep "${SETTLE_SECONDS:-20}" # worker and clock say every 15 s that they live
$manage doctor || [ $? -eq 1 ] # what is only to be watched does not undo an update
