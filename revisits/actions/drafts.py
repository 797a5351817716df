"""Drafts of open calls: what has been typed is kept every few seconds, and what is unfinished waits for a resume.

A draft is no fact: keeping one leaves no line in the trail, and saving the call removes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from revisits.actions.tasks import held_message, is_held_by_another
from revisits.models import CallDraft, Revisit

#: where a draft notes the page it came from: the form's submission, new for every page that is opened
PAGE = "submission"


@transaction.atomic
def keep_draft(
    revisit_id: int, *, by: Employee, values: Mapping[str, str], number: int, started_at: datetime, now: datetime
) -> CallDraft:
    """Keep the fields of the call form as they stand; `number` is one more than the page knows to be kept.

    Refuses a call that ended or that somebody else holds (codes "ended", "held"), and a page that is older than the
    draft (code "older"): where the same call is open twice, the window that was typed into last is kept.
    A lease that ran out is no reason to lose text, as long as nobody else took the call.
    """
    task = Revisit.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=revisit_id)
    _check_holder(task, by, now)
    kept = CallDraft.objects.filter(revisit=task).first()
    if kept is not None and not _is_newer(kept, values, number):
        raise RuleBroken(
            _("This call is open in a second window, and you typed there last. Go on there, or reload this page."),
            code="older",
        )
    new = {"by": by, "values": dict(values), "number": number, "started_at": min(started_at, now), "kept_at": now}
    draft, _is_new = CallDraft.objects.update_or_create(
        revisit=task, defaults=new, create_defaults=new | {"store_id": task.store_id}
    )
    return draft


def _check_holder(task: Revisit, by: Employee, now: datetime) -> None:
    """Refuse whoever no longer has the call: somebody else took it, or it was saved or given back."""
    if is_held_by_another(task, by, now):
        raise RuleBroken(held_message(task), code="held")
    if not task.is_open or task.claimed_by_id != by.pk:
        raise RuleBroken(_("This call is not yours any more; what you typed stays on this page."), code="ended")


def _is_newer(kept: CallDraft, values: Mapping[str, str], number: int) -> bool:
    """A page may repeat its last keeping, whose answer it may have lost; another page must know what is kept."""
    same_page = kept.values.get(PAGE, "") == values.get(PAGE)
    return number >= kept.number if same_page else number > kept.number


@transaction.atomic
def discard_draft(revisit_id: int, *, by: Employee, now: datetime) -> None:
    """Forget what was typed so far, as the caller wishes; refuses what keep_draft refuses: it may be a colleague's."""
    task = Revisit.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=revisit_id)
    _check_holder(task, by, now)
    CallDraft.objects.filter(revisit=task).delete()


def settle_draft(revisit: Revisit, unfinished: Mapping[str, str], *, by: Employee, at: datetime) -> None:
    """After saving, in its transaction: the draft goes; answers of a call that goes on wait for whoever resumes it."""
    CallDraft.objects.filter(revisit=revisit).delete()
    if revisit.is_open and unfinished:
        CallDraft.objects.create(
            store_id=revisit.store_id,
            revisit=revisit,
            by=by,
            values=dict(unfinished),
            started_at=at,
            kept_at=at,
        )
