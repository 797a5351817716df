"""Setting what the figures of satisfaction are to reach from a month on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction.models import Attribution, Factor, Question, Questionnaire, Target

#: the figures of whole responses that can have a target -> the ends of their scale
FIGURES: dict[str, tuple[int, int]] = {
    "index": (0, 100),
    "very_satisfied": (0, 100),
    "loyalty": (0, 100),
    "execution": (0, 100),
    "nps": (-100, 100),
}


@transaction.atomic
def set_target(
    store: Store | None,
    *,
    kind: str,
    figure: str,
    part: str,
    since: date,
    value: Decimal | None,
    by: Employee,
    at: datetime,
    today: date,
    sent_version: int | None = None,
) -> Target | None:
    """Say what a figure is to reach from the month that begins with `since`; None takes that row away.

    `store` None is the company's. `sent_version` is the version of the row that the form showed (0: there was none);
    raises RuleBroken where somebody has changed it since, for an unknown figure, a value off its scale, and a month
    that is over: what was reached then stays as it was told.
    """
    if since < today.replace(day=1):
        raise RuleBroken(_("That month is over. Set the target from this month on."), code="past")
    _check(kind, figure, part, since, value)
    Store.objects.select_for_update(no_key=True).get(pk=store.pk if store else by.store_id)
    place = {"store": store, "kind": kind, "figure": figure, "part": part, "since": since}
    row = Target.objects.filter(**place).first()
    before = row.value if row else None
    if before == value:
        return row
    if sent_version is not None and sent_version != (row.version if row else 0):
        raise RuleBroken(
            _("Somebody has changed this target since you opened the page. It now shows the new value."), code="changed"
        )
    subject = row or Target(**place)
    if value is not None:
        subject = _write(subject, value, by, at)
    trail.record(
        by, "satisfaction_target.changed", subject, store_id=store.pk if store else None,
        kind=kind, figure=figure, part=part, since=since, value=(before, value),
    )  # fmt: skip
    if value is None:
        subject.delete()
        return None
    return subject


def _write(row: Target, value: Decimal, by: Employee, at: datetime) -> Target:
    """Give a target its value; a new one is made."""
    row.value, row.set_by, row.set_at = value, by, at
    if row.pk:
        row.version += 1
        row.save(update_fields=["value", "set_by", "set_at", "version"])
    else:
        row.save(force_insert=True)
    return row


def _check(kind: str, figure: str, part: str, since: date, value: Decimal | None) -> None:
    if kind not in Questionnaire.Kind.values or kind == Questionnaire.Kind.UNSCORED:
        raise RuleBroken(_("This kind of questionnaire has no score."), code="kind")
    if since.day != 1:
        raise RuleBroken(_("A target holds from the first day of a month."), code="since")
    if part and (part not in Attribution.values or figure != "index"):
        raise RuleBroken(_("People are held against one target: their score."), code="part")
    low, high = ends_of(kind, figure)
    if value is not None and not low <= value <= high:
        raise RuleBroken(
            _("Write a number from %(low)d to %(high)d.") % {"low": low, "high": high}, code="range", field=figure
        )


def ends_of(kind: str, figure: str) -> tuple[int, int]:
    """The ends of a figure's scale; raises RuleBroken for one that cannot have a target."""
    name, _colon, code = figure.partition(":")
    rows: dict[str, QuerySet[Any]] = {
        "factor": Factor.objects.filter(version__questionnaire__kind=kind),
        "question": Question.objects.filter(version__questionnaire__kind=kind, weight__gt=0),
    }
    if figure in FIGURES:
        return FIGURES[figure]
    if name in rows and rows[name].filter(code=code).exists():
        return 0, 100
    raise RuleBroken(_("This figure has no target; it is only watched."), code="figure", field=figure)
