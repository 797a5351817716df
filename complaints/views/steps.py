"""Takes a step with its form, together with what others did meanwhile, and prepares the form that comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest

from complaints.actions import ticket as tickets
from complaints.actions import together
from complaints.actions.outdated import Clash, Overlap, who
from complaints.forms.base import Conflict, StepForm
from complaints.models import Complaint
from crm_site.accounts.models import Employee
from customers import search

MOST_HITS = 12


def take(do: Callable[..., Complaint], form: StepForm, *, by: Employee, now: datetime) -> Complaint:
    """Take a step with a valid form; raises Overlap where somebody was faster with the same."""
    values = form.cleaned_data
    page = together.Page(
        action=form.action,
        version=values["version"],
        shown=form.shown_values(),
        mine=form.sent(),
        submission=str(values.get("submission") or ""),
        standing=form.standing,
        arguments=form.arguments_with,
    )
    also = [value.pk for value in values.values() if isinstance(value, Complaint)]
    return together.save(form.complaint.pk, do, page, tickets.Change(by, now), also=also)


def overtaken(form: StepForm, ticket: Complaint, overlap: Overlap, by: Employee) -> StepForm:
    """The form as it comes back: what overlaps side by side, and everything typed still in it."""
    mine = form.sent()
    back = form.overtaken(ticket, overlap.kept)
    back.faster = overlap.message
    back.conflicts = [_conflict(back, name, clash, mine.get(name, ""), by) for name, clash in overlap.clashes.items()]
    return back


def found_customers(request: HttpRequest, store_id: int) -> list[int]:
    """Whom the words typed into the search may mean, in the ticket's store; keys."""
    typed = request.POST.get("typed", "")[:60].strip()
    hits = search.find(request.user, typed, limit=MOST_HITS) if typed else []
    known = {hit.customer.pk: hit.customer for hit in hits}
    return [pk for pk, one in known.items() if one.store_id == store_id and not one.restricted]


def _conflict(form: StepForm, name: str, clash: Clash, mine: str, by: Employee) -> Conflict:
    return Conflict(
        name=name,
        label=form.label_of(name),
        original=form.words_of(name, clash.shown) if clash.shown is not None else "",
        theirs=form.words_of(name, clash.stored),
        mine=form.words_of(name, mine),
        who=who(clash.step, by),
        when=clash.step.at if clash.step else None,
    )
