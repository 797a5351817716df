"""What the pages of an import share: how they read their batch, and the one way in which a button changes it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from crm_site.core.returning import own_page
from crm_site.imports import layout
from crm_site.imports.models import ImportBatch

NOT_YOURS = _("Your role may not change what this list changes. Ask an administrator of the store to do it.")
#: digits of a key that every engine can look for
LONGEST_KEY = 18

Act = Callable[[ImportBatch, Employee], object]


def batches() -> QuerySet[ImportBatch]:
    """Batches with what their pages show of them; the guard narrows them to the user's stores."""
    people = ("uploaded_by", "applied_by", "undone_by")
    return ImportBatch.objects.select_related("store", "file", *people, "stage_job", "apply_job", "undo_job")


def may_write(request: HttpRequest, batch: ImportBatch) -> bool:
    """Whether the user may have the rows of a batch written or undone: a list of employees is for who edits people."""
    wanted = layout.layouts().get(batch.layout)
    return wanted is None or policy.allows(request.user, wanted.capability, batch.store_id)


def blocked(request: HttpRequest, batch: ImportBatch) -> str | Promise:
    """Why the user may not confirm a batch; '' where they may."""
    return "" if may_write(request, batch) else NOT_YOURS


def rightful(request: HttpRequest, act: Act) -> Act:
    """An act on a batch's rows, refused with RuleBroken where the user may not do by hand what the list does."""

    def checked(found: ImportBatch, by: Employee) -> object:
        if not may_write(request, found):
            raise RuleBroken(NOT_YOURS, code="right")
        return act(found, by)

    return checked


def change(request: HttpRequest, pk: int, act: Act, done: str = "", back: str = "") -> HttpResponse:
    """Fetch the batch, check the right in its store, act, and say what happened: on its page, or on `back` of ours."""
    found = guard.get_or_404(batches(), request, pk=pk)
    try:
        act(found, guard.acting(request, found.store_id))
    except RuleBroken as refused:
        messages.error(request, refused.message)
    else:
        if done:
            messages.success(request, done)
    return redirect(own_page(request, back, reverse("imports:batch", args=[found.pk])))


def said_by_key(request: HttpRequest, prefix: str) -> dict[int, str]:
    """{key of a row: what was said of it} of the fields called by the prefix and a key; what is no key is left out."""
    sent = ((name.removeprefix(prefix), str(said)) for name, said in request.POST.items() if name.startswith(prefix))
    return {int(key): said for key, said in sent if key.isdecimal() and len(key) <= LONGEST_KEY}
