#!/bin/sh
# manage.py with the settings of this installation, as its account:
#   deploy/manage.sh doctor
#   deploy/manage.sh --owner migrate      with the role that owns the tables (only root reads its password)
#   deploy/manage.sh --root i18n compile  stays root: writes into the program's own folder
# SETTINGS, OWNER_SETTINGS and ACCOUNT name other places than /etc/huifang and another account than huifang.
set -eu
settings=${SETTINGS:-/etc/huifang/huifang.env}
owner=${OWNER_SETTINGS:-/etc/huifang/owner.env}
account=${ACCOUNT:-huifang}

refuse() { echo "deploy/manage.sh: $*" >&2; exit 2; }

# the lines NAME=VALUE of a file, into the environment; nothing in them is carried out
load() {
  [ -r "$1" ] || refuse "$1 is not there, or $(id -un) may not read it. Run this as root, or name your file: SETTINGS=…"
  while IFS= read -r line || [ -n "$line" ]; do # the last one may lack its line break
    case $line in
      '' | \#*) ;;
      *=\"* | *=\'*) refuse "$1: ${line%%=*} stands in quotes; write its value without them" ;; # systemd would take them off
      *=*) export "${line?}" ;;
    esac
  done <"$1"
}

load "$settings"
# with the account's own home: libpq and gpg look there, and root's is closed to it
home=$(getent passwd "$account" | cut -d: -f6)
as="env HOME=${home:-/} USER=$account LOGNAME=$account setpriv --reuid=$account --regid=$account --init-groups"
[ "$(id -u)" = 0 ] || as=""
while :; do
  case ${1:-} in
    --owner) [ ! -s "$owner" ] || load "$owner" ;; # SQLite has no owner
    --root) as="" ;;
    *) break ;;
  esac
  shift
done
[ "${1:-}" = serve ] || export HUIFANG_PROCESS=command # what serve starts is web and worker, each with its bounds
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
[ -x .venv/bin/python ] || refuse "$here/.venv is missing or cannot be run: make it as docs/operations.md says"
exec $as "$here/.venv/bin/python" manage.py "$@"
