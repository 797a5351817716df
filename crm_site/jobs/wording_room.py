"""The job room in words: the entries of the schedule, the lanes, ages and sizes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

#: entry of CELERY_BEAT_SCHEDULE -> what it does
PERIODIC: dict[str, Words] = {
    "sweep": gettext_lazy("Look for lost and waiting jobs"),
    "due-days": gettext_lazy("Begin the day's call list"),
    "inspections": gettext_lazy("Draw calls for inspection"),
    "classes": gettext_lazy("Class the customers"),
    "archive-quality": gettext_lazy("Look over the archive"),
    "duplicates": gettext_lazy("Look for duplicate cards"),
    "measures": gettext_lazy("Remind of measures to check"),
    "steering": gettext_lazy("Look for falling scores, write digests"),
    "decisions": gettext_lazy("Remind of low answers"),
    "sums": gettext_lazy("Fold new answers into the sums"),
    "complaints": gettext_lazy("Watch over complaint deadlines"),
    "reports": gettext_lazy("Draft the months that have ended"),
    "looks": gettext_lazy("Watch over looks at full numbers"),
    "nights": gettext_lazy("Remove what is kept no longer"),
}

#: how a lane's name begins -> what goes through it
LANES: dict[str, Words] = {
    "": gettext_lazy("Without a lane"),
    "import": gettext_lazy("Imports"),
    "revisits.generate": gettext_lazy("Call lists"),
    "revisits.inspections": gettext_lazy("Inspections"),
    "revisits.classes": gettext_lazy("Customer classes"),
    "report": gettext_lazy("Monthly reports"),
    "scores": gettext_lazy("Scores"),
    "quality": gettext_lazy("Archive care"),
    "evidence": gettext_lazy("Evidence packs"),
    "list": gettext_lazy("Customer lists"),
    "privacy.night": gettext_lazy("Clearing up"),
    "privacy.duplicates": gettext_lazy("Duplicates"),
    "customers.dates": gettext_lazy("Due dates of cars"),
}


def lane(name: str) -> Words:
    """A lane's kind in words; the bare word where nobody has named it."""
    return LANES.get(name, name)


def span(length: timedelta) -> str:
    """How long: "40 s", "12 min", "5 h", "3 days"."""
    seconds = max(0, round(length.total_seconds()))
    for unit, words in ((86_400, _("%(count)d days")), (3600, _("%(count)d h")), (60, _("%(count)d min"))):
        if seconds >= 2 * unit:
            return words % {"count": seconds // unit}
    return _("%(count)d s") % {"count": seconds}


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago; "–" where it never was."""
    return _("%(span)s ago") % {"span": span(now - moment)} if moment else "–"


def took(seconds: float) -> str:
    """How long a run took: "0.12 s", "48 s", "12 min"."""
    return _("%(count)s s") % {"count": f"{seconds:.2f}"} if seconds < 10 else span(timedelta(seconds=seconds))


def size(count: float) -> str:
    """Bytes as people read them: "3.2 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
