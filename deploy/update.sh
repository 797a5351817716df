#!/bin/sh
# Brings an installation to the version that now lies in /opt/huifang, while people go on working; run it as root:
#   cd /opt/huifang && git fetch && git checkout v1.2.3 && deploy/update.sh
# Packages, backup, migration, rights, restart one after the other, doctor. A step that fails ends it: what serves goes on
# with the old code that it has loaded; mend it and run it again soon, or go back. ACCEPT_LOCKS=1: this is the quiet minute.
# Other places than those of docs/operations.md: see deploy/manage.sh; APP_ROLE, BACKUPS, ROLLING.
set -eu
cd "$(dirname "$0")/.."
owner=${OWNER_SETTINGS:-/etc/huifang/owner.env}
manage=deploy/manage.sh

say() { printf '\n== %s\n' "$*"; }

halted() {
  [ $? -eq 0 ] || cat >&2 <<'END'

The update has not gone through, see above. What serves goes on with the old version, but whatever it has not loaded yet it
reads from the new one. Do not leave it so: mend what is in the way and run deploy/update.sh again, or go back with
  git checkout - && deploy/update.sh
END
}
trap halted EXIT
trap 'exit 130' HUP INT TERM

say "Packages" # first: the new version's commands want them
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt

say "Backup"
$manage backup --to "${BACKUPS:-/var/backups/huifang}"

say "Translations, static files"
$manage --root i18n compile
$manage check --deploy --fail-level ERROR
$manage collectstatic --noinput --verbosity 0

say "Migration"
$manage --owner weigh_migrations ${ACCEPT_LOCKS:+--accept}
tries=1
until $manage --owner migrate --noinput --verbosity 1; do
  [ "$tries" -lt 5 ] || exit 1
  tries=$((tries + 1))
  sleep 15
done
$manage --owner install_defaults --verbosity 0
[ ! -s "$owner" ] || $manage --owner grant_rights --role "${APP_ROLE:-huifang_app}"

say "Restart, one after the other"
"${ROLLING:-deploy/rolling.sh}"
trap - EXIT

for unit in deploy/systemd/*; do
  mine=${UNITS:-/etc/systemd/system}/$(basename "$unit")
  [ ! -e "$mine" ] || cmp -s "$unit" "$mine" || echo "$mine is not the one of this version: see \"Units\" in docs/operations.md."
done

say "Doctor"
sleep "${SETTLE_SECONDS:-20}" # worker and clock say every 15 s that they live
$manage doctor || [ $? -eq 1 ] # what is only to be watched does not undo an update
