"""What registering would do: the level and why, the promises, repetitions, and a guess at the category."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import ledger, settings, wording
from complaints.actions.opening import earlier_on_the_matter, grade
from complaints.forms.reporting import ReportForm
from complaints.models import Category, Complaint, Level
from complaints.rules import guess
from complaints.rules.intake import late_by
from complaints.rules.ledger import Count
from crm_site.core import formats
from crm_site.core.clock import business_day
from crm_site.core.errors import RuleBroken

#: why a level is proposed, by the code of rules.levels.Proposal
REASONS: dict[str, Promise] = {
    "grave_words": gettext_lazy("by the words: safety, injury, media or the authorities"),
    "authority": gettext_lazy("it comes from 12315 or a consumer association"),
    "third_time": gettext_lazy("it is the third complaint on the matter"),
    "claim": gettext_lazy("compensation or a refund is claimed"),
    "grievance": gettext_lazy("a grievance without a demand"),
    "ordinary": gettext_lazy("nothing in the words raises it"),
    "question": gettext_lazy("a question has no level; it is answered on the next open day"),
}


@dataclass
class Preview:
    """What is known of a ticket that is still being written."""

    level: Level | None = None
    #: somebody chose the level by hand
    chosen: bool = False
    reason: str = ""
    #: a higher level that the ticket will only propose, and the words that ask for a look
    asks: list[str] = field(default_factory=list)
    promises: list[tuple[str, str]] = field(default_factory=list)
    late: timedelta | None = None
    repeats: list[Complaint] = field(default_factory=list)
    guesses: list[tuple[str, str]] = field(default_factory=list)


def of(form: ReportForm, now: datetime, *, seen: QuerySet[Complaint]) -> Preview | None:
    """The preview of a bound form, from whatever of it is clean; None while there are no words and no store.

    Of earlier tickets on the matter only those are named that the reader may see.
    """
    form.is_valid()
    values = form.cleaned_data
    store, words = values.get("store"), (values.get("words") or "").strip()
    if store is None or not words:
        return None
    complaint = Complaint(
        store_id=store.pk,
        kind=values.get("kind") or "",
        source=values.get("source") or "",
        words=words,
        demand=values.get("demand") or "",
        received_at=min(values.get("received_at") or now, now),
        external_due_at=values.get("external_due_at"),
        accused=values.get("accused"),
        **form.occasion(),
    )
    found = _of_ticket(complaint, values, now)
    found.repeats = list(earlier_on_the_matter(complaint).filter(pk__in=seen.values("pk"))[:3])
    return found


def _of_ticket(complaint: Complaint, values: dict[str, Any], now: datetime) -> Preview:
    try:
        proposal = grade(complaint, values.get("level") or "")
    except RuleBroken:
        return Preview()
    found = Preview(level=complaint.level, late=late_by(complaint.received_at, now))
    found.chosen = bool(complaint.level and complaint.level.code != proposal.code)
    found.reason = _("chosen by you") if found.chosen else str(REASONS[proposal.reason])
    if complaint.proposed_level:
        why = wording.PROPOSED.get(complaint.proposed_because, "")
        found.asks.append(_("%(level)s is proposed: %(why)s") % {"level": complaint.proposed_level, "why": why})
    if complaint.grave_words:
        words = _(", ").join(complaint.grave_words.split(","))
        found.asks.append(_("“%(words)s”: is it about safety? Then it is L4.") % {"words": words})
    found.promises = _promises(complaint, now)
    if complaint.category is None:
        found.guesses = _guesses(complaint)
    return found


def _promises(complaint: Complaint, now: datetime) -> list[tuple[str, str]]:
    """The promises that begin with receipt, in words."""
    due = Count(complaint.received_at, ledger.Present(complaint.store_id).basis(complaint)).deadlines()
    today = business_day(now)
    moments = {"response": due.response, "proposal": due.proposal, "closing": due.closing}
    moments["external"] = complaint.external_due_at
    return [(wording.limit(name), formats.when(at, today)) for name, at in moments.items() if at]


def _guesses(complaint: Complaint) -> list[tuple[str, str]]:
    tree = {row.code: row for row in settings.categories(complaint.store_id)}
    codes = guess.categories(f"{complaint.words}\n{complaint.demand}", tree)
    return [(code, _label(tree[code])) for code in codes]


def _label(category: Category) -> str:
    return f"{category.parent.label} / {category.label}" if category.parent else category.label
