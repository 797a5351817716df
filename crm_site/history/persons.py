"""What the audit log says of a person's rows, as sentences; it holds no personal value, so nothing of it goes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_site.audit.models import Entry
from crm_site.core.persons import Person, Room, Section
from crm_site.history import sentences


def _export(person: Person) -> list[Section]:
    entries = Entry.objects.filter(person.names("subject_type", "subject_id"), store_id=person.store_id).order_by(
        "at", "pk"
    )
    rows = [
        [
            one.at,
            one.actor_name,
            str(sentences.sentence(one.action)),
            str(sentences.subject(one.subject_type)),
            one.detail,
        ]
        for one in entries
    ]
    columns = ("at", "by", "what", "subject", "detail")
    return [Section("audit.entry", _("Audit log"), columns, rows)] if rows else []


ROOM = Room(_("Audit log"), _export, lambda _person: {})
