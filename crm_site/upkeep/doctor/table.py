"""The one table of the doctor's checks, and how they are gone through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from django.utils.translation import gettext as _

from crm_site.upkeep.doctor import configured, peopled, placed, stored, working
from crm_site.upkeep.doctor.findings import Check, Finding, Grade, wrong

TABLE: tuple[Check, ...] = (
    Check("secret", configured.secret),
    Check("hosts", configured.hosts),
    Check("demo", configured.demo),
    Check("transport", configured.transport),
    Check("zones", configured.zones),
    Check("folder", placed.folder),
    Check("space", placed.space),
    Check("statics", placed.statics),
    Check("translations", placed.translations),
    Check("queue", placed.queue),
    Check("database", stored.reachable),
    Check("version", stored.version, "database"),
    Check("texts", stored.texts, "database"),
    Check("bounds", stored.bounded, "database"),
    Check("clocks", stored.clocks, "database"),
    Check("leftovers", stored.leftovers, "database"),
    Check("migrations", stored.migrated, "database"),
    Check("triggers", stored.guarded, "tables"),
    Check("role", stored.role, "tables"),
    Check("administrators", peopled.administrators, "tables"),
    Check("accounts", peopled.known_accounts, "tables"),
    Check("second-factor", peopled.second_factor, "tables"),
    Check("worker", working.worker, "tables"),
    Check("scheduler", working.scheduler, "tables"),
    Check("waiting", working.waiting, "tables"),
    Check("failed", working.failed, "tables"),
    Check("backup", working.backup, "tables"),
    Check("drill", working.drill, "tables"),
    Check("holidays", peopled.holidays, "tables"),
)
#: the check that must be fine before those can be asked that need it
STANDS_ON = {"database": "database", "tables": "migrations"}


def examine(now: datetime, checks: tuple[Check, ...] = TABLE) -> Iterator[tuple[Check, Finding]]:
    """Go through the checks in their order; what cannot be asked because something below is wrong is left out."""
    broken: set[str] = set()
    for check in checks:
        below = STANDS_ON.get(check.needs, "")
        if below in broken:
            broken.add(check.code)
            continue
        finding = _looked(check, now)
        if finding.grade == Grade.WRONG:
            broken.add(check.code)
        yield check, finding


def _looked(check: Check, now: datetime) -> Finding:
    try:
        return check.look(now)
    except DatabaseError as problem:
        said = _("The database refused to answer: %(reason)s") % {"reason": str(problem).strip().splitlines()[0]}
        return wrong(said, _("Look at its log. Does the role have its rights (manage.py grant_rights)?"))
