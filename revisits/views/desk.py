"""What the call page shows: why this call, whom, what is asked, which results there are, and what saving will do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from complaints import settings
from complaints.models import Category, Complaint
from complaints.rules.levels import REVIEWED
from crm_site.accounts import policy
from crm_site.accounts.models import Employee
from crm_site.core import clock, formats, masking, phones
from crm_site.core.compiled import compiled
from customers import class_wording, questions
from customers.classing import numbers_of
from customers.models import Contact, ContactBan, Phone
from revisits import asking, queries, scripts
from revisits.defaults import spoken
from revisits.forms.call import CallForm, Desk, agreed_times
from revisits.lines import origin
from revisits.models import CallAttempt, CallDraft, CallResult, Phrase, Revisit
from revisits.moot import refused_along, stop_now
from revisits.queries.results import keypad_of
from revisits.rules import contact
from revisits.stops import Stop
from revisits.views import drawing
from revisits.wording import quiet_word
from satisfaction.attribution import occasion_of

#: how many days ahead the list of days to promise reaches; further ones are typed
PROMISE_DAYS = 14
#: and the list of days on which a car may be brought
BOOKING_DAYS = 30


@dataclass
class Page:
    """Everything around one call, read once; a fixed number of queries whatever the customer's past."""

    request: HttpRequest
    task: Revisit
    by: Employee
    now: datetime

    @property
    def today(self) -> date:
        """The business day."""
        return clock.business_day(self.now)

    # ---- what can be chosen ------------------------------------------------------------------------------------------

    @cached_property
    def desk(self) -> Desk:
        """What the form offers."""
        return Desk(
            results=self.results,
            version=asking.version_to_ask(self.task, self._tickets_when_asked),
            categories=self.known_categories,
            people=SimpleLazyObject(lambda: self.served),
            gaps=questions.to_ask(self.task.customer, self.task.vehicle, today=self.today),
            confirms=asking.is_confirmation(self.task),
            tickets=self.tickets,
            joined=self.joined,
            since=self.task.claimed_at,
        )

    @property
    def _tickets_when_asked(self) -> list[Complaint]:
        """The open tickets that decide what is asked: one that a colleague opens meanwhile takes no answers away."""
        said = self.request.POST
        began = parse_datetime(said.get("started_at", "")) if any(name.startswith("answer_") for name in said) else None
        if began is None or not self.tickets or began.tzinfo is None:
            return self.tickets
        return asking.opened_before(self.tickets, began)

    @cached_property
    def results(self) -> list[CallResult]:
        """The keypad; a store's own result replaces the company's."""
        return keypad_of(self.task.store_id)

    @cached_property
    def numbers(self) -> list[Any]:
        """The numbers to dial, the task's own first."""
        found = queries.dial_list(self.task, self.today)
        return sorted(found, key=lambda number: number.phone_id != self.task.phone_id)

    @cached_property
    def tickets(self) -> list[Complaint]:
        """The customer's open tickets."""
        return asking.open_tickets(self.task)

    @cached_property
    def attempts(self) -> list[CallAttempt]:
        """Earlier attempts of this call, newest first."""
        if self.task.first_attempt_on is None:
            return []
        return list(self.task.attempts.select_related("by", "result"))

    @cached_property
    def joined(self) -> list[Revisit]:
        """The further tasks that this call is made for."""
        if not queries.has_joined(self.task):
            return []
        rows = self.task.joined.open().prefetch_related(
            "rule", "rule_version", "vehicle", "delivery__sales_consultant", "repair_order", "complaint", "customer"
        )
        along = list(rows.order_by("due_on", "pk"))
        unwanted = refused_along(self.task, along, self.today)
        return [one for one in along if one.pk not in unwanted]

    @property
    def known_categories(self) -> QuerySet[Category]:
        """What a ticket can be about, unread."""
        return Category.objects.for_store(self.task.store_id).filter(is_active=True)

    @cached_property
    def categories(self) -> list[Category]:
        """What a ticket can be about, each part under its heading; a store's own replaces the company's."""
        return settings.categories(self.task.store_id)

    @cached_property
    def served(self) -> list[Employee]:
        """Who served the customer this time: whom a complaint may be about."""
        occasion = occasion_of("", self.task.delivery, self.task.repair_order)
        return list(dict.fromkeys(person for people in occasion.people.values() for person in people))

    @cached_property
    def draft(self) -> CallDraft | None:
        """What was typed into this call and not saved: before the browser died, or in an earlier try."""
        return CallDraft.objects.filter(revisit=self.task).first()

    # ---- what is shown -----------------------------------------------------------------------------------------------

    def context(self, form: CallForm) -> dict[str, Any]:
        """The template's variables."""
        task = self.task
        return self._shown(form) | {
            "task": task,
            "form": form,
            "draft": self.draft,
            "me": self.by,
            "today": self.today,
            "confirms": self.desk.confirms,
            "categories": self.categories,
            "people": self.served,
            "attempts": list(reversed(self.attempts)),
            "days": drawing.days_ahead(self.today, PROMISE_DAYS),
            "booking_days": drawing.days_ahead(self.today, BOOKING_DAYS),
            "times": [f"{at:%H:%M}" for at in agreed_times()],
            "phrases": self._phrases(),
            "try_number": task.tries_made + 1,
            "may_correct": task.customer_id is not None
            and policy.allows(self.request.user, "customers.edit", task.store_id),
            "dialled_today": CallAttempt.objects.filter(by=self.by, called_on=self.today).count(),
            "lease_left": max(0, int((task.lease_until - self.now).total_seconds())) if task.lease_until else 0,
        }

    def _shown(self, form: CallForm) -> dict[str, Any]:
        """Who is called and why, what is read, asked and chosen."""
        read, version, name = self.reading, self.desk.version, self._hidden_name
        return {
            "salutation": "" if name else read.values["salutation"],
            "spoken_to": name or read.values["customer"],
            "text_message": "" if self._no_text else spoken.TEXT_MESSAGE.format_map(read.values),
            "stopped": queries.stop_message(self.stopped[1]) if self.stopped else "",
            "in_workshop": not self.stopped and queries.waits_for_release(self.task, self.today),
            "quiet": "" if self.stopped or self._may_be_called_any_time else quiet_word(self.now),
            "number": "" if self.stopped else self._number(),
            "phones": [] if self.stopped else self._phones(form),
            "why": self._why(),
            "facts": self._facts(),
            "tickets": drawing.tickets(form),
            "is_progress": asking.is_progress_call(self.task, self.tickets),
            "purposes": drawing.purposes(form),
            "purpose_choices": drawing.PURPOSE_CHOICES,
            "script": [] if name else read.steps,
            "script_version": read.version,
            "script_places": read.places,
            "questionnaire": version,
            "sections": list(drawing.sections(form)) if version else [],
            "pad": list(drawing.pad(self.results)),
            "gaps": [] if name else drawing.gaps(form),
        }

    def _phrases(self) -> list[Phrase]:
        """Short phrases for the note; a store's own replaces the company's."""
        rows = sorted(_phrases(store=self.task.store_id), key=lambda row: row.store_id or 0)
        by_code = {row.code: row for row in rows}
        return sorted(by_code.values(), key=lambda row: row.position)

    @cached_property
    def reading(self) -> scripts.Reading:
        """What is read aloud in this call."""
        return scripts.reading(
            self.task, me=self.by.name, contact=self._contact(), asked=self.desk.version, tickets=self.tickets,
            missing_facts=bool(self.desk.gaps), joined=self.joined,
        )  # fmt: skip

    @cached_property
    def stopped(self) -> Stop | None:
        """Why the call must not be made after all: asked again when the page opens, and the number is not shown."""
        return stop_now(self.task, self.today)

    @property
    def _may_be_called_any_time(self) -> bool:
        """Whether quiet hours do not count: the customer named the time, or waits over a grave complaint."""
        task = self.task
        graves = [task.complaint, *self.tickets] if task.complaint else self.tickets
        return task.promised_at is not None or any(one.level and one.level.code in REVIEWED for one in graves)

    @property
    def _no_text(self) -> bool:
        """Whether no text message may be sent instead: the call is not wanted, or messages are not."""
        task = self.task
        if self.stopped or task.customer_id is None:
            return True
        purposes = tuple(contact.bans_against(task.rule_version.purpose))
        return bool(_no_texts(purposes, day=self.today, customer=task.customer_id, vehicle=task.vehicle_id or 0))

    def _number(self) -> str:
        """The number to dial, in full: it was logged when the call was claimed."""
        return self.numbers[0].digits if self.numbers else (self.task.phone.number if self.task.phone else "")

    @cached_property
    def _lines(self) -> dict[int, Phone]:
        """The archive's rows behind the numbers, with the person who answers."""
        wanted = [number.phone_id for number in self.numbers]
        return {line.pk: line for line in _with_people(keys=wanted)}

    def _phones(self, form: CallForm) -> list[dict[str, Any]]:
        """Every number with whose it is, for choosing the one that was dialled."""
        chosen = form.typed("phone")
        rows = []
        for number in self.numbers:
            line = self._lines[number.phone_id]
            rows.append(
                {
                    "id": number.phone_id,
                    "digits": number.digits,
                    "grouped": phones.grouped(number.digits),
                    "who": line.contact.name if line.contact else line.customer.name,
                    "what": line.contact.get_identity_display() if line.contact else _("Owner"),
                    "chosen": str(number.phone_id) == chosen,
                }
            )
        return rows

    def _contact(self) -> Contact | None:
        """Who answers the number that is dialled first; None for the customer."""
        line = self._lines.get(self.task.phone_id or 0)
        return line.contact if line else None

    def _why(self) -> list[dict[str, Any]]:
        """Why this call is on the list, in four lines."""
        task = self.task
        rows: list[dict[str, Any]] = [{"term": _("Fact"), "text": origin(task), "note": f"{task.anchor_on:%m-%d}"}]
        if task.repair_order and (task.repair_order.items or task.repair_order.total_fee is not None):
            fee = formats.money(task.repair_order.total_fee) if task.repair_order.total_fee is not None else ""
            rows.append({"term": _("Work done"), "text": task.repair_order.items or "–", "note": fee})
        if task.complaint:
            rows.append({"term": _("Words"), "text": masking.said(task.complaint.words)})
            rows.append({"term": _("Solution"), "text": masking.said(task.complaint.solution)})
        if self.served:
            rows.append({"term": _("Served by"), "text": _(", ").join(person.name for person in self.served)})
        if task.override_by is not None:
            note = _("allowed by %(name)s") % {"name": task.override_by.name}
            rows.append({"term": _("Permission"), "text": task.override_reason, "note": note})
        rows.append({"term": _("Due on"), "text": formats.when(task.due_on, self.today)})
        rows.append({"term": _("Deadline"), "text": formats.when(task.expires_on, self.today)})
        return rows

    @property
    def _hidden_name(self) -> str:
        """What stands for the name of a card that was restricted after the call was taken; '' for any other."""
        customer = self.task.customer
        return customer.listed_name if customer and customer.restricted else ""

    def _facts(self) -> list[dict[str, Any]]:
        """The car and the customer; of a restricted card nothing but that it is one."""
        vehicle, customer = self.task.vehicle, self.task.customer
        if self._hidden_name:
            return [{"term": _("Customer"), "text": self._hidden_name}]
        rows: list[dict[str, Any]] = []
        if customer:
            rows.append({"term": _("Customer"), "text": customer.name})
        if customer and customer.loyalty_class:
            why = class_wording.reason("loyalty", customer.loyalty_because, numbers_of(customer.store_id))
            rows.append({"term": _("Class"), "text": customer.get_loyalty_class_display(), "note": why})
        if vehicle:
            model = " ".join(part for part in (vehicle.model or vehicle.series, vehicle.colour) if part)
            rows += [
                {"term": _("Plate"), "text": vehicle.plate_no, "num": True},
                {"term": _("Car"), "text": model},
                {"term": "VIN", "text": formats.masked_vin(vehicle.vin), "num": True},
            ]
            if vehicle.last_mileage_km:
                rows.append(
                    {"term": _("Mileage"), "text": f"{formats.number(vehicle.last_mileage_km)} km", "num": True}
                )
            if vehicle.insurance_until:
                rows.append({"term": _("Insurance end"), "text": f"{vehicle.insurance_until:%Y-%m-%d}", "num": True})
        if customer and customer.preferred_time:
            rows.append({"term": _("Best time to call"), "text": customer.preferred_time})
        if customer and customer.note:
            rows.append({"term": _("Note"), "text": masking.said(customer.note)})
        return rows


# ---- asked for every call --------------------------------------------------------------------------------------------


@compiled
def _no_texts(purposes: tuple[str, ...], *, day: date, customer: int, vehicle: int) -> QuerySet[ContactBan, int]:
    wishes = ContactBan.objects.in_force(day).filter(customer_id=customer, purpose__in=purposes)
    return wishes.about(vehicle).by(ContactBan.Channel.SMS).order_by().values_list("pk", flat=True)[:1]


@compiled
def _with_people(*, keys: list[int]) -> QuerySet[Phone]:
    return Phone.objects.filter(pk__in=keys).select_related("contact", "customer")


@compiled
def _phrases(*, store: int) -> QuerySet[Phrase]:
    return Phrase.objects.for_store(store).filter(is_active=True)
