"""What a caller wrote down about one call: plain values, from the form to the action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from complaints.models import Category
from crm_site.accounts.models import Employee
from revisits.models import Channel
from satisfaction.rules import Given


class Purpose(models.TextChoices):
    """What a call came to for a further purpose that it was made for; '' = as the call itself ended."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
    SILENT = "silent", _("Not talked about")


class BookingWanted(NamedTuple):
    """A visit that the customer asked for."""

    on: date
    at: time | None = None
    what: str = ""


class ScriptRead(NamedTuple):
    """Which text stood on the page: the version of the script, and the places of the steps shown."""

    version_id: int | None = None
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class TicketWanted:
    """What the caller says of the ticket; what is left out is proposed from the gravest low answer."""

    category: Category | None = None
    #: the person complained about; `names_nobody`: the customer named nobody, propose nobody either
    accused: Employee | None = None
    names_nobody: bool = False
    demand: str = ""


@dataclass(frozen=True)
class Call:
    """What the caller wrote down about one call; `submission` is the form's, the same for a repeated click."""

    submission: UUID
    result_code: str
    started_at: datetime
    channel: str = Channel.PHONE
    #: the number that was dialled; None: the task's own
    phone_id: int | None = None
    note: str = ""
    answers: Sequence[Given] = ()
    #: what happens with low answers (satisfaction.Decision) and why, or how it was settled
    decision: str = ""
    decision_reason: str = ""
    #: the time that the customer named, for a result that leads to one
    agreed_at: datetime | None = None
    ticket: TicketWanted = field(default_factory=TicketWanted)
    #: what the customer says about the handling of a complaint (ConfirmResult), for a confirming call
    confirm_result: str = ""
    #: facts for empty fields of the archive, by the codes of their fields; and what was asked and not told
    corrections: Mapping[str, Any] = field(default_factory=dict)
    untold: Sequence[str] = ()
    #: the customer wants no more revisit calls
    refuses_calls: bool = False
    #: who is the right one to talk to, where somebody else answered; the number is dialled next
    contact_name: str = ""
    contact_phone: str = ""
    #: what was told beside the answers
    booking: BookingWanted | None = None
    mileage_km: int | None = None
    #: {open ticket: what the customer says about it}
    chases: Mapping[int, str] = field(default_factory=dict)
    #: {joined task that the caller saw: Purpose, or '' for as the call itself ended}
    purposes: Mapping[int, str] = field(default_factory=dict)
    script: ScriptRead = field(default_factory=ScriptRead)
    #: the answers as they stand on the page, for whoever resumes a call that goes on; {} where nothing was answered
    unfinished: Mapping[str, str] = field(default_factory=dict)
