"""What a complaint must have before the confirming call and before it is closed: what is missing, where, who can."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from complaints import people, settings, wording
from complaints.models import Complaint, Liability
from complaints.rules import conflict, levels
from crm_site.core.errors import RuleBroken

#: what is missing -> the step that brings it
WHERE = {
    "cause_class": "investigate",
    "liability": "set_liability",
    "told": "tell",
    "approval": "approve",
    "measure": "review",
    "review_note": "review",
}


def gaps(complaint: Complaint) -> list[str]:
    """What closing still needs: keys of wording.GAPS (domain 6.2); L3 and L4 also a review with its measure."""
    checks = {
        "cause_class": bool(complaint.cause_class),
        "liability": complaint.liabilities.filter(kind=Liability.Kind.DIRECT).exists(),
        "told": bool(complaint.proposed_at and complaint.customer_accepts),
        "approval": not is_unapproved(complaint),
    }
    if complaint.level and complaint.level.code in levels.REVIEWED:
        checks |= {"measure": complaint.measure_id is not None, "review_note": bool(complaint.review_note)}
    return [name for name, there in checks.items() if not there]


def check(complaint: Complaint, day: date) -> None:
    """Refuse what is not complete yet, naming for each gap the step that fills it and the people who can take it."""
    missing = gaps(complaint)
    if missing:
        text = _("This is still missing: %(gaps)s.")
        raise RuleBroken(text % {"gaps": in_words(complaint, missing, day)}, code="gaps")


def in_words(complaint: Complaint, missing: list[str], day: date) -> str:
    """`the cause class (“Write down the cause”: 何志远, 温静); …`."""
    parts = []
    for gap in missing:
        names = _(", ").join(one.name for one in people.who_can(complaint, WHERE[gap], day))
        words = {"gap": wording.GAPS[gap], "step": wording.step(WHERE[gap]), "names": names or "–"}
        parts.append(_("%(gap)s (“%(step)s”: %(names)s)") % words)
    return _("; ").join(parts)


def is_unapproved(complaint: Complaint) -> bool:
    """Whether the present solution still waits for a manager who is not its handler (domain 6.2)."""
    if complaint.approved_by_id is not None and complaint.approved_by_id != complaint.handler_id:
        return False
    part = people.involved(complaint).of(complaint.handler_id) if complaint.handler_id else conflict.Conflict.NONE
    limit = settings.of(complaint.store_id).compensation_limit
    has_part = conflict.needs_second_approval(part)
    return levels.needs_approval(complaint.compensation, handler_served=has_part, limit=limit)
