"""The doctor looks at folders and at Redis: modes, owners, free space, static files, translations, the queue."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from redis import Redis, RedisError

from crm_site.upkeep.doctor.findings import Finding, fine, watch, wrong

GIGABYTE = 1024**3
#: below this nobody can import or back up
LITTLE, TOO_LITTLE = 5 * GIGABYTE, GIGABYTE


def folder(now: datetime) -> Finding:
    """Uploads and recordings are for this account alone."""
    place = Path(settings.VAR_DIR)
    advice = f"chown -R huifang: {place} && chmod 700 {place}"
    if not place.is_dir() or not os.access(place, os.W_OK):
        return wrong(_("%(place)s is not there or cannot be written to.") % {"place": place}, advice)
    found = place.stat()
    if stat.S_IMODE(found.st_mode) & 0o077:
        return watch(_("Others on this machine can look into %(place)s.") % {"place": place}, advice)
    if found.st_uid != os.geteuid():
        return watch(_("%(place)s belongs to another account than the one that runs this.") % {"place": place}, advice)
    return fine(_("%(place)s is closed to others.") % {"place": place})


def space(now: datetime) -> Finding:
    """A full disk stops the database and every upload."""
    free = shutil.disk_usage(_existing(Path(settings.VAR_DIR))).free
    said = _("%(gigabytes)s GB are free.") % {"gigabytes": f"{free / GIGABYTE:.1f}"}
    advice = _("Make room: old backups, logs (journalctl --vacuum-size=1G), or a larger disk.")
    if free < TOO_LITTLE:
        return wrong(said, advice)
    return watch(said, advice) if free < LITTLE else fine(said)


def statics(now: datetime) -> Finding:
    """In production pages name their style sheets by the manifest."""
    if settings.DEMO or (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return fine(_("Static files are collected."))
    return wrong(_("Static files are not collected: pages answer with an error."), _("Run manage.py collectstatic."))


def translations(now: datetime) -> Finding:
    """Chinese comes from a file that is made when installing."""
    made = Path(settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.mo"
    parts = made.parent.parent.glob("*.po")
    if not made.exists():
        return wrong(_("The translations are not compiled: pages are in English."), _("Run manage.py i18n compile."))
    if max(part.stat().st_mtime for part in parts) > made.stat().st_mtime + 1:
        return watch(_("The translations are older than their sources."), _("Run manage.py i18n compile."))
    return fine(_("The translations are compiled."))


def queue(now: datetime) -> Finding:
    """Redis, or the folder that stands for it."""
    if not settings.REDIS_URL:
        return fine(_("The queue is a folder: one machine, one worker."))
    line = Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        told = line.info()
    except (RedisError, OSError):
        return wrong(
            _("Redis does not answer: background work waits."), _("Is redis-server running? Is REDIS_URL right?")
        )
    finally:
        line.close()
    if told.get("maxmemory_policy", "noeviction") != "noeviction":
        return watch(
            _("Redis throws entries away when it is full, messages of the queue too."),
            _("Set maxmemory-policy noeviction in redis.conf."),
        )
    if told.get("rdb_last_bgsave_status", "ok") != "ok":
        return watch(
            _("Redis cannot save to its disk and may soon refuse to write."), _("Look at its log and its free disk.")
        )
    return fine(_("Redis answers; what it loses is sent again from the database."))


def _existing(place: Path) -> Path:
    while not place.exists():
        place = place.parent
    return place
