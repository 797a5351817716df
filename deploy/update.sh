#!/bin/sh
# Brings an installation to the version that now lies in /opt/huifang, while people go on working; run it as root:
#   cd /opt/huifang && git fetch && git checkout v1.2.3 && deploy/update.sh
# Backup, packages, migration, rights, restart one after the other, doctor. A step that fails ends it: whatever serves
# goes on with the old code in its memory, and running it again begins anew. ACCEPT_LOCKS=1: this is the quiet minute.
set -eu
cd "$(dirname "$0")/.."
settings=${SETTINGS:-/etc/huifang/huifang.env}
owner=${OWNER_SETTINGS:-/etc/huifang/owner.env} # DATABASE_URL of the tables' owner; only root reads it; none on SQLite
role=${APP_ROLE:-huifang_app}
account=${ACCOUNT:-huifang}
backups=${BACKUPS:-/var/backups/huifang}
rolling=${ROLLING:-deploy/rolling.sh}
python=.venv/bin/python

say() { printf '\n== %s\n' "$*"; }

# the lines NAME=VALUE of a file, into the environment; nothing in them is carried out
load() {
  while IFS= read -r line; do
    case $line in '' | \#*) ;; *=*) export "${line?}" ;; esac
  done <"$1"
}

as_account() {
  export HUIFANG_PROCESS=command
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$account" --regid="$account" --init-groups "$@"; else exec "$@"; fi
}

# a management command with the application's rights
app() (load "$settings" && as_account "$python" manage.py "$@")

# a management command with the rights of the tables' owner
own() (load "$settings" && { [ ! -s "$owner" ] || load "$owner"; } && as_account "$python" manage.py "$@")

say "Backup"
app backup --to "$backups"

say "Packages, translations, static files"
"$python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
(load "$settings" && "$python" manage.py i18n compile)
app check --deploy --fail-level ERROR
app collectstatic --noinput --verbosity 0

say "Migration"
own weigh_migrations ${ACCEPT_LOCKS:+--accept}
tries=1
until own migrate --noinput --verbosity 1; do
  [ "$tries" -lt 5 ] || { echo "The migration did not go through, see above. The old version goes on." >&2; exit 1; }
  tries=$((tries + 1))
  sleep 15
done
own install_defaults --verbosity 0
[ ! -s "$owner" ] || own grant_rights --role "$role"

say "Restart, one after the other"
"$rolling"

say "Doctor"
sleep "${SETTLE_SECONDS:-20}" # worker and clock say every 15 s that they live
app doctor || [ $? -eq 1 ] # warnings alone do not undo an update
