"""A row of an old register beside the ticket that it is or will become: what is new, what changes, what conflicts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from complaints.intake.archive import Archive, Joined
from complaints.models import Category, Complaint, Level, Liability, State
from crm_site.accounts.models import Employee
from crm_site.core.clock import business_day, local
from crm_site.imports.layout import Context, Row
from customers.intake.kept import Facts, Kept, Part, same, settle
from customers.intake.outcome import Outcome

MOMENTS = ("received_at", "solved_at", "closed_at", "confirmed_at")
TICKET = same(
    *MOMENTS, "source", "kind", "category", "level", "words", "demand", "topic", "customer_name", "customer_phone",
    "plate_no", "vin", "brand", "series", "model", "order_number", "department", "liable_name", "reported_by_name",
    "handler_name", "solution", "state", "result", "result_words", "note",
)  # fmt: skip
#: names in the file → the key of the employee who bears them
STAFF = {"reported_by_name": "reported_by", "handler_name": "handler"}

Ticket = Kept[Complaint]


class TicketPart(Part):
    """A ticket as a row of the file says it: reference rows by their code, moments in business time."""

    def standing(self, name: str) -> Any:
        """The value that stands, as plain JSON."""
        value = getattr(self.kept.obj, self.names[name])
        if isinstance(value, Category | Level):
            return value.code
        return local(value).isoformat() if isinstance(value, datetime) else value


class Register:
    """The tickets of some rows, and who is liable for them."""

    def __init__(self, ctx: Context, rows: Sequence[Row], *, lock: bool) -> None:
        self.ctx = ctx
        self.tickets: list[Ticket] = []
        self.liabilities: list[Kept[Liability]] = []
        numbers = [row.get("number") for row in rows if row.get("number")]
        known = Complaint.objects.filter(store=ctx.store, number__in=numbers).order_by("pk")
        if lock:
            known = known.select_for_update(of=("self",))
        self._known = {one.number: Ticket(one) for one in known.select_related("level", "category")}
        direct = Liability.objects.filter(complaint__in=[one.obj for one in self._known.values()], kind="direct")
        self._direct = {row.complaint_id: Kept(row) for row in direct.select_related("employee")}
        self._archive = Archive(ctx.store, rows)
        self._rows = ctx.memory.get("complaints") or ctx.memory.setdefault("complaints", _reference(ctx.store.pk))
        self._people = self._liable_people(rows)

    def settle(self, row: Row, facts: Facts) -> Outcome:
        """Compare one row with its ticket and set what changes."""
        outcome = Outcome(row)
        if row.get("received_at") and row.get("received_at") > self.ctx.now:
            row.problem("date_future", "received_at", row.get("received_at").isoformat(" ", "minutes"))
        ticket = self._known.get(row.get("number"))
        if ticket is not None and not ticket.obj.historical:
            row.problem("ticket_here", "number", row.get("number"))
        if row.is_refused:
            return outcome
        outcome.target = ticket = ticket or self._new(row)
        said = self._plain(row, facts)
        joined = self._archive.join(row)
        values = self._values(row, said)
        outcome.add(settle([TicketPart(ticket, TICKET)], row, said, ticket.obj.source_values, values))
        self._staff(ticket, row, outcome)
        self._join(ticket, joined, outcome)
        self._liable(ticket, row, said, outcome)
        self._finish(ticket, said, outcome)
        return outcome

    # ---- what the row says ------------------------------------------------------------------------------------------

    def _plain(self, row: Row, facts: Facts) -> Facts:
        """The facts of the ticket as plain JSON; the first of several numbers, and who is liable as one word."""
        said = {name: value for name, value in facts.items() if name in TICKET and value not in (None, "", [])}
        said |= {name: local(row.get(name)).isoformat() for name in MOMENTS if row.get(name)}
        if said.get("customer_phone"):
            said["customer_phone"] = said["customer_phone"][0]
        liable = self._said_liable(row)
        return said | ({"liable": liable} if liable else {})

    def _values(self, row: Row, said: Facts) -> dict[str, Any]:
        values: dict[str, Any] = said | {name: row.get(name) for name in MOMENTS}
        for name in ("category", "level"):
            values[name] = self._rows[name].get(said.get(name, ""))
            if values[name] is None:
                said.pop(name, None)
        return values

    @staticmethod
    def _said_liable(row: Row) -> str:
        """employee:12, manufacturer: … or ''; a name that nobody bears stays text."""
        key = row.employees.get("liable_name")
        return f"employee:{key}" if key else f"{row.get('liable_party')}:" if row.get("liable_party") else ""

    def _liable_people(self, rows: Sequence[Row]) -> dict[int, Employee]:
        keys = {row.employees["liable_name"] for row in rows if "liable_name" in row.employees}
        return {one.pk: one for one in Employee.objects.filter(pk__in=keys).prefetch_related("postings")}

    # ---- what it makes of the ticket --------------------------------------------------------------------------------

    def _new(self, row: Row) -> Ticket:
        ticket = Complaint(
            store=self.ctx.store, number=row.get("number"), historical=True, submission=uuid.uuid4(),
            batch=self.ctx.batch, sheet=row.sheet, row=row.number,
        )  # fmt: skip
        return Ticket(ticket, is_new=True)

    def _staff(self, ticket: Ticket, row: Row, outcome: Outcome) -> None:
        """Point to the employees whose names are known; a name that has become known since is a change."""
        for name, column in STAFF.items():
            key = row.employees.get(name)
            standing = getattr(ticket.obj, f"{column}_id")
            if name in outcome.conflicts or key == standing or (key is None and name not in outcome.changes):
                continue
            ticket.put(f"{column}_id", key)
            outcome.changes.setdefault(name, [None, row.get(name)])

    @staticmethod
    def _join(ticket: Ticket, joined: Joined, outcome: Outcome) -> None:
        """Join what is not joined yet; a join that stands is never taken back by a list."""
        shown = {"vehicle": "plate_no", "customer": "customer_name", "repair_order": "order_number"}
        found = {"vehicle": joined.vehicle, "customer": joined.customer, "repair_order": joined.order}
        for column, target in found.items():
            if target is not None and getattr(ticket.obj, f"{column}_id") is None:
                ticket.put(column, target)
                outcome.changes.setdefault(shown[column], [None, str(target)])
        for doubt in joined.doubts:
            outcome.warn(*doubt)

    def _liable(self, ticket: Ticket, row: Row, said: Facts, outcome: Outcome) -> None:
        """Record who is directly liable where the register says so for certain; only then is it counted in reports."""
        wanted = said.get("liable", "")
        direct = self._direct.get(ticket.obj.pk) if ticket.obj.pk else None
        standing, before = _as_said(direct), ticket.obj.source_values.get("liable", "")
        if not wanted or wanted in (standing, before):
            return
        name = "liable_name" if row.get("liable_name") else "liable_party"
        words = [_shown(direct), row.get(name)]
        if direct is not None and standing != before and row.decision != "file":
            if row.decision == "ours":  # remembered, so that it is not asked again
                outcome.changes.setdefault(name, [words[0], words[0]])
            else:
                outcome.conflicts[name] = words
                said.pop("liable")
            return
        self.liabilities.append(self._liability(ticket, direct, wanted))
        outcome.changes.setdefault(name, words)

    def _liability(self, ticket: Ticket, direct: Kept[Liability] | None, wanted: str) -> Kept[Liability]:
        party, _colon, key = wanted.partition(":")
        one = ticket.obj
        if direct is None:
            made = Liability(store=one.store, complaint=one, kind=Liability.Kind.DIRECT)
            direct = Kept(made, is_new=True)
        person = self._people.get(int(key)) if key else None
        day = business_day(one.received_at)
        held = person.posting_on(day) if person else None
        for name, value in (
            ("party", party),
            ("employee_id", person.pk if person else None),
            ("post", held.post if held else ""),
            ("confirmed_at", one.closed_at or one.solved_at or one.received_at),
        ):
            direct.put(name, value)
        return direct

    def _finish(self, ticket: Ticket, said: Facts, outcome: Outcome) -> None:
        """What follows from the facts; nothing changes where the row says nothing new."""
        if not (ticket.is_new or outcome.changes):
            return
        one = ticket.obj
        ticket.put("received_on", business_day(one.received_at))
        if one.state == State.RECORDED and one.closed_at is not None:
            ticket.put("closed_at", None)
        ticket.put("closed_on", one.closed_at and business_day(one.closed_at))
        moments = {name: getattr(one, name) for name in MOMENTS}
        ticket.put("day_only", [name for name, at in moments.items() if at and _is_midnight(at)])
        if not one.department and one.category is not None:
            ticket.put("department", one.category.department)
        ticket.remember({name: value for name, value in said.items() if name not in outcome.conflicts})
        self.tickets.append(ticket)


def settle_rows(
    ctx: Context, rows: Sequence[Row], facts: Sequence[Facts], *, lock: bool
) -> tuple[Register, list[Outcome]]:
    """Compare rows with the tickets; reads by a fixed number of queries."""
    register = Register(ctx, rows, lock=lock)
    return register, [register.settle(row, plain) for row, plain in zip(rows, facts, strict=True)]


def _reference(store_id: int) -> dict[str, dict[str, Any]]:
    """Categories and levels by their codes, the store's own instead of the company's."""
    tables: dict[str, Any] = {"category": Category, "level": Level}
    return {
        name: {row.code: row for row in sorted(table.objects.for_store(store_id), key=lambda row: row.store_id or 0)}
        for name, table in tables.items()
    }


def _as_said(direct: Kept[Liability] | None) -> str:
    return f"{direct.obj.party}:{direct.obj.employee_id or ''}" if direct else ""


def _shown(direct: Kept[Liability] | None) -> str | None:
    if direct is None:
        return None
    return direct.obj.employee.name if direct.obj.employee else str(direct.obj.get_party_display())


def _is_midnight(moment: datetime) -> bool:
    """A register that writes 0:00 has written the day only: nobody complains then, and programs fill it in."""
    return (local(moment).hour, local(moment).minute, local(moment).second) == (0, 0, 0)
