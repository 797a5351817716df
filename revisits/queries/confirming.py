"""Whether the confirming call of a complaint can still bring the customer's word."""

from __future__ import annotations

from complaints.models import Complaint
from complaints.queries import anchor_key
from crm_site.core import clock
from crm_site.worktime import calendars
from revisits.generator.context import StoreRule, store_rules
from revisits.models import CALLABLE_STATES, Anchor, Revisit, Skip
from revisits.rules import due


def is_in_vain(complaint: Complaint) -> bool:
    """For settings.CONFIRMING_CALLS: whether nobody is to call for the present round of a ticket (any more).

    The call ended without being made, has no number to dial, or is made by no rule; one that falls due later stands.
    """
    calls = Revisit.objects.filter(complaint=complaint, anchor_key=anchor_key(complaint)).order_by()
    states = set(calls.values_list("state", flat=True))
    if states:
        return states.isdisjoint(CALLABLE_STATES)
    rules = [rule for rule in store_rules(complaint.store_id) if _confirms(rule)]
    ids = [pk for rule in rules for pk in rule.ids]
    skips = Skip.objects.filter(store_id=complaint.store_id, rule_id__in=ids, anchor_key=anchor_key(complaint))
    return skips.exists() or not _is_to_come(complaint, rules)


def _confirms(rule: StoreRule) -> bool:
    return any(version.anchor == Anchor.COMPLAINT_SOLVED for version in rule.versions)


def _is_to_come(complaint: Complaint, rules: list[StoreRule]) -> bool:
    """Whether a rule that is on makes the call on its day."""
    if complaint.solved_at is None:
        return False
    solved_on, calendar = clock.business_day(complaint.solved_at), calendars.desk_calendar(complaint.store_id)
    found = [due.under(solved_on, rule.versions, calendar) for rule in rules]
    return any(one is not None and one.version.is_on for one in found)
