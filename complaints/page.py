"""What the page of a ticket shows: stages, deadline, what can be done now, people, facts and the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import attachments, chain, changes, past, people, standing, wording
from complaints.actions import closing, demands, weighing
from complaints.deadline import DeadlineView
from complaints.forms import FORMS, StepForm
from complaints.models import Complaint, Kind, State, Step, Validity
from complaints.rules import levels
from complaints.rules.transitions import NEXT, STAGES, possible, stage_of
from crm_site.accounts.models import Employee
from crm_site.core import formats, masking
from crm_site.core.clock import business_day
from crm_site.files import kinds

#: what brings a ticket on, by state; the first that is possible gets the page's solid button
NEXT_STEP = {
    State.REGISTERED: ("accept", "answer"),
    State.REOPENED: ("accept",),
    State.ACCEPTED: ("resume", "answer", "contact", "investigate"),
    State.INVESTIGATING: ("resume", "propose"),
    State.PROPOSED: ("approve", "tell"),
    State.TOLD: ("resume", "act"),
    State.ACTING: ("resume", "review", "submit"),
    State.CONFIRMING: ("close", "review", "close_unreachable", "rang_back"),
}
SHORTCUTS = (
    "contact", "investigate", "propose", "approve", "tell", "act", "submit", "review", "rang_back", "close_unreachable",
)  # fmt: skip
SIDE = (
    "reassign", "change_level", "set_liability", "confirm_liability", "judge_validity", "count_repairs", "merge",
    "reopen",
)  # fmt: skip
_ICONS = {
    "open": ("chat-left-text", "bad"),
    "contact": ("telephone", "ok"),
    "judge_words": ("flag", "warn"),
    "judge_level": ("flag", "warn"),
    "pause": ("pause-fill", "pause"),
    "resume": ("play-fill", ""),
    "chase": ("bell", "warn"),
    "confirm": ("telephone-outbound", "ok"),
    "rang_back": ("telephone-inbound", "ok"),
    "close": ("check2-circle", "ok"),
    "close_unreachable": ("telephone-x", "warn"),
    "approve": ("check2", "ok"),
    "reopen": ("arrow-counterclockwise", "warn"),
    "submit": ("check2", "ok"),
    "investigate": ("pencil", ""),
    "propose": ("lightbulb", ""),
    "reassign": ("person", ""),
    "accept": ("person-check", ""),
    "edit": ("pencil", ""),
    "attach": ("paperclip", ""),
    "withdraw": ("paperclip", "warn"),
    "join": ("arrow-repeat", "warn"),
}


@dataclass
class Panel:
    """One form on the page: its title, its button, and where it is sent."""

    action: str
    title: str
    form: StepForm
    url: str
    #: what the step is about, to be read before it is taken
    about: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a folded panel is to be shown open: it came back with something to mend."""
        return self.form.is_bound


class TicketPage:
    """Builds the context of one ticket's page for one reader at one moment."""

    def __init__(
        self, complaint: Complaint, reader: Any, now: datetime, returned: StepForm | None = None, asked: str = ""
    ) -> None:
        self.complaint, self.reader, self.now = complaint, reader, now
        self.today = business_day(now)
        self.returned = returned
        #: a form that is long, and shown only to who asks for it
        self.asked = returned.action if returned else asked
        self.deadline = DeadlineView(complaint, now)
        self.steps = list(complaint.steps.order_by("-sequence").select_related("by"))
        self.changes = changes.of_steps(self.steps, self.today)

    def context(self) -> dict[str, Any]:
        """Everything that complaints/detail.html names."""
        allowed = self.allowed()
        first = self._next(allowed)
        return {
            "ticket": self.complaint,
            "title": formats_title(self.complaint),
            "state": status(self.complaint, self.now),
            "past": past.origin(self.complaint, self.reader) if self.complaint.historical else None,
            "due": self.deadline.due(),
            "steps": [] if self.complaint.historical else self.stages(),
            "next": self.panel(first) if first else None,
            "waits": self.waits(first),
            "more": [self.panel(action) for action in SHORTCUTS if action in allowed and action != first],
            "clock_panel": self._one_of(allowed, first, "pause", "resume"),
            "side": [self.panel(action) for action in self._side(allowed)],
            "chase": self.panel("chase") if "chase" in allowed else None,
            "may_edit": "edit" in allowed,
            "edit": self.panel("edit") if "edit" in allowed and self.asked == "edit" else None,
            "promises": self.deadline.promises(),
            "ledger": self.deadline.ledger(),
            "events": self.events(),
            "people": self.people(),
            "facts": self.facts(),
            **chain.of(self.complaint, self.reader),
            "measure": self.complaint.measure,
            "weighing": self.weighing(allowed),
            "notes": standing.notes(self.complaint, self.today),
            "guarantees": self.guarantees,
            "failed": None if self.returned and self.returned.searched else self.returned,
            "files": attachments.listed(self.complaint, self.reader),
            "may_attach": "attach" in allowed,
            "thumb": bool({"accept", "contact", "propose", "tell", "act", "submit", "answer"} & set(allowed)),
            "accept": kinds.ACCEPT,
        }

    @cached_property
    def guarantees(self) -> dict[str, Any] | None:
        """The 三包 count, where the matter is one of quality or the count warns."""
        return standing.guarantees(self.complaint, self.today)

    def allowed(self) -> list[str]:
        """The actions that this reader can take now; somebody whom the complaint is about can only log a call."""
        employee: Employee | None = self.reader.employee_in(self.complaint.store_id)
        if employee is None:
            return []
        actor = people.actor(self.complaint, employee, self.today)
        question = self.complaint.kind == Kind.QUESTION
        paused = self.complaint.paused_at is not None
        historical = self.complaint.historical
        found = possible(self.complaint.state, actor, question=question, paused=paused, historical=historical)
        involved, handler_id = people.involved(self.complaint), self.complaint.handler_id
        found = [
            action
            for action in found
            if NEXT[action].accused_may or employee.pk not in involved.barred_from(action, handler_id)
        ]
        without = {action for action in found if employee.pk in people.took_before(self.complaint, action)}
        without |= self._pointless()
        return [action for action in found if action not in without]

    def _pointless(self) -> set[str]:
        """Steps that the ticket's state lets through but that have nothing to do yet."""
        complaint = self.complaint
        found = {"count_repairs"} if self.guarantees is None else set()
        if not demands.is_unapproved(complaint):
            found.add("approve")
        if complaint.state in {State.CONFIRMING, State.CLOSED}:
            if not closing.is_unreached(complaint):
                found |= {"rang_back", "close_unreachable"}
            if not closing.is_confirmed(complaint) or demands.gaps(complaint):
                found.add("close")
        return found

    def panel(self, action: str) -> Panel:
        """The form of an action: the one that came back, or a fresh one."""
        names = {"chase": "complaints:chase"}
        url = reverse(
            names.get(action, "complaints:do"), args=[self.complaint.pk] + ([] if action in names else [action])
        )
        if self.returned is not None and self.returned.action == action:
            return Panel(action, wording.step(action), self.returned, url, self._about(action))
        form = FORMS[action](complaint=self.complaint, day=self.today, action=action, reader=self.reader)
        return Panel(action, wording.step(action), form, url, self._about(action))

    def stages(self) -> list[dict[str, Any]]:
        """The six stages of the trade with the moment each was reached."""
        present = stage_of(self.complaint.state)
        reached = {stage_of(step.to_state): step.at for step in self.steps if step.from_state != step.to_state}
        done_all = self.complaint.state == State.CLOSED
        return [
            {
                "word": str(wording.STAGES[name]),
                "note": formats.when(reached[index], self.today) if index in reached and index <= present else "",
                "state": "done" if index < present or done_all else "now" if index == present else "",
            }
            for index, (name, _states) in enumerate(STAGES)
        ]

    def events(self) -> list[dict[str, Any]]:
        """The log, newest first; what an old register says stands below what was done here since."""
        here = [self.event(step) for step in self.steps]
        return here + (past.events(self.complaint, self.today) if self.complaint.historical else [])

    def event(self, step: Step) -> dict[str, Any]:
        """One step as an entry of the log."""
        icon, kind = _ICONS.get(step.action, ("dot", ""))
        who = step.by.name if step.by else _("The system")
        opening = step.action == "open"
        text = who if not step.note else _("%(who)s: %(note)s") % {"who": who, "note": masking.said(step.note)}
        detail = self._event_detail(step)
        return {
            "title": wording.done(step.action) + (f" · {detail}" if detail else ""),
            "when": formats.when(step.at, self.today),
            "icon": icon,
            "kind": kind,
            "quote": masking.said(self.complaint.words) if opening else "",
            "changes": self.changes.get(step.pk, []),
            "body": text,
        }

    def people(self) -> list[dict[str, str]]:
        """Who has a part in it."""
        complaint = self.complaint
        found = past.people(complaint) if complaint.historical else self._staff()
        if complaint.accused:
            found.append({"name": complaint.accused.name, "role": _("Person complained about")})
        for row in complaint.liabilities.all():
            word = (
                row.get_kind_display()
                if row.confirmed_at
                else _("%(kind)s, proposed") % {"kind": row.get_kind_display()}
            )
            found.append({"name": row.employee.name if row.employee else row.get_party_display(), "role": word})
        involved = people.involved(complaint)
        served = set(involved.served) - involved.blocked - set(involved.joint)
        for employee in Employee.objects.filter(pk__in=served).order_by("number"):
            found.append({"name": employee.name, "role": _("Served this job")})
        return found

    def _staff(self) -> list[dict[str, str]]:
        """Who handles it and who reported it."""
        named = [(self.complaint.handler, _("Handler")), (self.complaint.reported_by, _("Reported it"))]
        return [{"name": person.name, "role": role} for person, role in named if person]

    def facts(self) -> list[dict[str, Any]]:
        """Car, job, phone, what is asked for, limits from outside, and what came of it; only what is known."""
        return [
            {"term": term, "text": text, "num": num}
            for term, text, num in [*self._occasion(), *self._limits(), *self._outcome()]
            if text
        ]

    def _occasion(self) -> list[tuple[str, str, bool]]:
        """What it is about: car, delivery or repair order, phone, demand."""
        complaint = self.complaint
        car, order, delivery = complaint.vehicle, complaint.repair_order, complaint.delivery
        phone = people.number_to_dial(complaint.customer, self.today)
        number = phone.number if phone else "" if complaint.historical else complaint.customer_phone
        written = "" if complaint.historical else f"{complaint.plate_no} {complaint.car_words}".strip()
        return [
            (_("Vehicle"), f"{car} {car.model}".strip() if car else written, False),
            (_("Delivery"), f"{delivery.delivered_on:%Y-%m-%d}" if delivery else "", True),
            (_("Repair order"), order.order_number if order else "", True),
            (_("Phone"), formats.masked_phone(number) if number else "", True),
            (_("Demand"), masking.said(complaint.demand) or ("" if complaint.historical else "–"), False),
            *(past.facts(complaint) if complaint.historical else ()),
        ]

    def _limits(self) -> list[tuple[str, str, bool]]:
        """What others have set: an external number, the legal date."""
        by_law, outside = self.complaint.legal_due_on, self.complaint.external_due_at
        replied = self.complaint.external_replied_at
        return [
            (_("External number"), self.complaint.external_number, True),
            (_("External deadline"), formats.when(outside, self.today) if outside else "", True),
            (_("Replied to them at"), formats.when(replied, self.today) if replied else "", True),
            (_("Tell by law until"), f"{by_law:%Y-%m-%d}" if by_law else "", True),
        ]

    def _outcome(self) -> list[tuple[str, str, bool]]:
        """What was found and offered."""
        complaint = self.complaint
        paid, claimed = complaint.compensation, complaint.claim_amount
        confirmed = complaint.confirmations.order_by("-round").first()
        score = confirmed.recovery_score if confirmed else None
        return [
            (_("Validity"), self._validity(), False),
            (_("Cause class"), complaint.get_cause_class_display(), False),
            (_("Solution"), "" if complaint.historical else masking.said(complaint.solution), False),
            (_("Compensation"), formats.money(paid) if paid is not None else "", True),
            (_("Claim"), formats.money(claimed) if claimed is not None else "", True),
            (_("Approved by"), complaint.approved_by.name if complaint.approved_by else "", False),
            (_("Recovery score"), formats.number(score, 1) if score is not None else "", True),
        ]

    def _validity(self) -> str:
        """To be judged, or invalid and why; nothing where it counts like any other."""
        if self.complaint.validity == Validity.VALID:
            return ""
        judged = next((step for step in self.steps if step.action == "judge_validity"), None)
        ground = wording.GROUNDS.get(judged.detail.get("ground", "")) if judged else None
        word = str(self.complaint.get_validity_display())
        return f"{word} · {ground}" if ground else word

    def weighing(self, allowed: list[str]) -> list[dict[str, Any]]:
        """What is asked or proposed about the level and not decided yet, each with the form that decides it."""
        complaint, found = self.complaint, []
        words = weighing.asks(complaint)
        if words and complaint.is_open:
            text = _("The customer said “%(words)s”.") % {"words": _(", ").join(words)}
            found.append({"text": text, "panel": self._if_allowed("judge_words", allowed)})
        if complaint.proposed_level and complaint.is_open:
            why = wording.PROPOSED.get(complaint.proposed_because, "")
            text = _("%(level)s is proposed. %(why)s") % {"level": complaint.proposed_level, "why": why}
            found.append({"text": text, "panel": self._if_allowed("judge_level", allowed)})
        return found

    def _if_allowed(self, action: str, allowed: list[str]) -> Panel | None:
        return self.panel(action) if action in allowed else None

    def waits(self, first: str) -> str:
        """Why the page has no next step for this reader."""
        if first or not self.complaint.is_open:
            return ""
        if self.complaint.state == State.CONFIRMING:
            return self._waits_for_word()
        if self.complaint.paused_at is not None:
            return _("The clock stands while we wait for somebody else.")
        names = [one.name for one in people.who_can(self.complaint, "accept", self.today)]
        return _("The next step is for %(names)s.") % {"names": _(", ").join(names)} if names else ""

    def _waits_for_word(self) -> str:
        """What the confirming call waits for; nothing where the notes on top say it."""
        if closing.is_confirmed(self.complaint):
            return ""
        if closing.is_unreached(self.complaint):
            names = [one.name for one in people.who_can(self.complaint, "close_unreachable", self.today)]
            text = _("The confirming call brought no word of the customer. It can be closed by: %(names)s.")
            return text % {"names": _(", ").join(names) or "–"}
        return _("The confirming call is still to be made; its result closes or reopens the complaint.")

    def _about(self, action: str) -> str:
        """The solution, where a step is about it."""
        complaint = self.complaint
        if action not in {"approve", "tell"} or not complaint.solution:
            return ""
        money = f" ({formats.money(complaint.compensation)})" if complaint.compensation else ""
        return masking.said(complaint.solution) + money

    def _next(self, allowed: list[str]) -> str:
        needless = set()
        complaint = self.complaint
        if complaint.responded_at is not None:
            needless.add("contact")
        if demands.is_unapproved(complaint):
            needless.add("tell")
        graves = complaint.level is not None and complaint.level.code in levels.REVIEWED
        if not graves or (complaint.review_note and complaint.measure_id):
            needless.add("review")
        wanted = NEXT_STEP.get(State(complaint.state), ())
        return next((action for action in wanted if action in allowed and action not in needless), "")

    def _side(self, allowed: list[str]) -> list[str]:
        found = [action for action in SIDE if action in allowed]
        confirmed = any(row.confirmed_at for row in self.complaint.liabilities.all())
        needless = {"set_liability"} if confirmed or "confirm_liability" in found else set()
        return [action for action in found if action not in needless]

    def _one_of(self, allowed: list[str], first: str, *actions: str) -> Panel | None:
        found = next((action for action in actions if action in allowed and action != first), None)
        return self.panel(found) if found else None

    def _event_detail(self, step: Step) -> str:
        if step.action in {"confirm", "rang_back"} and step.detail.get("result"):
            return str(dict(_results()).get(step.detail["result"], ""))
        if step.action == "open" and self.complaint.source:
            return self.complaint.get_source_display()
        if step.action == "tell":
            return _("accepts the solution") if step.detail.get("accepts") else _("does not accept it")
        return ""


def status(complaint: Complaint, now: datetime) -> dict[str, str]:
    """The state as a status word with its colour."""
    kinds = {State.CLOSED: "ok", State.MERGED: "", State.REOPENED: "warn", State.REGISTERED: "", State.RECORDED: ""}
    if complaint.paused_at is not None:
        return {"word": str(_("Waiting")), "kind": "pause"}
    return {"word": complaint.get_state_display(), "kind": kinds.get(State(complaint.state), "now")}


def formats_title(complaint: Complaint) -> str:
    """The first line of the customer's words, short enough for a heading; of an old register else the subject."""
    line = masking.said(" ".join((complaint.words or complaint.topic or complaint.number).split()))
    return line if len(line) <= 42 else f"{line[:41]}…"


def _results() -> list[tuple[str, Any]]:
    return Complaint._meta.get_field("result").flatchoices
