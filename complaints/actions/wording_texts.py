"""Changes of the desk's texts: a store's own words over the company's, and back again."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from complaints import texts
from complaints.actions.tuning import lock
from complaints.models import Text
from complaints.rules.texts import unknown
from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

LONGEST = 2000


@transaction.atomic
def save_text(store_id: int | None, code: str, *, text_zh: str, text_en: str, seen: str, by: Employee) -> Text:
    """Let a store have its own words of a text, or (None) set the company's.

    `seen` is the mark of what the form had shown. Refuses variables that nothing is known of, an empty text, and an
    outdated form.
    """
    lock(store_id)
    before = texts.in_force(store_id)[code]
    wanted = {"text_zh": _checked(text_zh, "text_zh"), "text_en": _checked(text_en, "text_en")}
    if wanted == {name: getattr(before, name) for name in wanted}:
        return before
    if seen != mark_of(store_id, code):
        text = _("Somebody changed this text meanwhile. What you typed is still here; compare it and save again.")
        raise RuleBroken(text, code="stale")
    row, _made = Text.objects.filter(Q(store=store_id)).update_or_create(
        code=code, defaults=wanted, create_defaults=wanted | {"store_id": store_id}
    )
    subject = Store.objects.filter(Q(pk=store_id)).first() or row
    trail.record(by, "complaint.text_saved", subject, store_id=store_id, what=code)
    return row


@transaction.atomic
def drop_text(store_id: int, code: str, *, by: Employee) -> None:
    """Let the company's words hold again."""
    if Text.objects.filter(store_id=store_id, code=code).delete()[0]:
        store = Store.objects.get(pk=store_id)
        trail.record(by, "complaint.text_dropped", store, store_id=store_id, what=code)


def mark_of(store_id: int | None, code: str) -> str:
    """Names what a text says now, so that a form notices when it is outdated."""
    row = texts.in_force(store_id)[code]
    return hashlib.sha256(f"{row.text_zh}\0{row.text_en}".encode()).hexdigest()


def _checked(typed: str, field: str) -> str:
    text = "\n".join(line.rstrip() for line in typed.strip().splitlines())
    if not text or len(text) > LONGEST:
        message = _("A text has 1 to %(limit)s characters.") % {"limit": LONGEST}
        raise RuleBroken(message, code="length", field=field)
    strange = unknown(text, texts.VARIABLES)
    if strange:
        message = _("Nothing is known of {%(name)s}. The variables are listed beside the form.") % {"name": strange[0]}
        raise RuleBroken(message, code="variable", field=field)
    return text
