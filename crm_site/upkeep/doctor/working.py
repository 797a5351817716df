"""The doctor looks at background work and at backups: who is silent, what waits, what has failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from crm_site.jobs import pulse
from crm_site.jobs.models import Beat, Job, State
from crm_site.upkeep.doctor.findings import Finding, fine, watch, wrong

WAITS_LONG = timedelta(minutes=10)
FAILED_WITHIN = timedelta(days=7)
BACKUP_OLD, BACKUP_TOO_OLD = timedelta(hours=30), timedelta(days=7)
DRILL_OLD = timedelta(days=100)


def worker(now: datetime) -> Finding:
    """Somebody takes jobs from the queue."""
    if pulse.read(now)[pulse.WORKER].is_silent:
        return wrong(
            _("No worker has been heard of for two minutes: imports wait, no calls are made."),
            "systemctl status huifang-worker; journalctl -u huifang-worker -n 50",
        )
    return fine(_("The worker works."))


def scheduler(now: datetime) -> Finding:
    """Somebody asks what is due."""
    if pulse.read(now)[pulse.SCHEDULER].is_silent:
        return wrong(
            _("The clock has been silent for two minutes: no business day begins by itself."),
            "systemctl status huifang-beat; journalctl -u huifang-beat -n 50",
        )
    return fine(_("The clock ticks."))


def waiting(now: datetime) -> Finding:
    """How long the oldest job waits that could run."""
    oldest = Job.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at").first()
    if oldest is not None and now - oldest.due_at > WAITS_LONG:
        return watch(
            _("A job has been waiting for %(minutes)s minutes.") % {"minutes": (now - oldest.due_at).seconds // 60},
            _("Look at the page of background jobs; more worker processes may help (--concurrency)."),
        )
    return fine(_("No job waits long."))


def failed(now: datetime) -> Finding:
    """Jobs that a person must decide about."""
    count = Job.objects.filter(state=State.FAILED, ended_at__gte=now - FAILED_WITHIN).count()
    if count:
        return watch(
            _("%(count)s jobs have failed within a week.") % {"count": count},
            _("Open the page of background jobs: it says why, and lets you try again."),
        )
    return fine(_("No job has failed within a week."))


def backup(now: datetime) -> Finding:
    """When the last backup was made, and whether it holds every file."""
    last, detail = _deed("backup")
    advice = _("Run manage.py backup now, and see that huifang-backup.timer is on.")
    if last is None:
        return wrong(_("There has never been a backup."), advice)
    if detail.get("ok") is False:
        said = _("The last backup lacks %(count)s files that rows speak of.") % {"count": detail["missing_count"]}
        return wrong(said, _("See “A file is missing” in docs/operations.md, and run manage.py backup again."))
    said = _("The last backup is %(hours)s hours old.") % {"hours": int((now - last).total_seconds() // 3600)}
    if now - last > BACKUP_TOO_OLD:
        return wrong(said, advice)
    return watch(said, advice) if now - last > BACKUP_OLD else fine(said)


def drill(now: datetime) -> Finding:
    """When a backup was last restored for practice, and whether all came back."""
    last, detail = _deed("drill")
    if detail.get("ok") is False:
        return wrong(
            _("The last restore drill did not bring back what was backed up."),
            _("Make a backup, and repeat the drill with it: it names what differs or is missing."),
        )
    if last is None or now - last > DRILL_OLD:
        return watch(
            _("No backup has been proved by a restore drill for a hundred days."),
            _("See “Restore drill” in docs/operations.md."),
        )
    return fine(_("A backup was proved by a restore drill."))


def _deed(name: str) -> tuple[datetime | None, dict[str, Any]]:
    """When a rare deed of the operator was last done, and what there is to tell of it."""
    found = Beat.objects.filter(name=name).values_list("at", "detail").first()
    return found or (None, {})
