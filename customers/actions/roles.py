"""Who is what to a car from which day to which: giving roles, ending them, and one owner at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers import rules, search
from customers.actions import bookings, editing
from customers.actions.intake import name_orders
from customers.models import Contact, Customer, Vehicle, VehicleRole
from customers.rules.roles import Held, Problem, Span, problem

OWNER = VehicleRole.Kind.OWNER


@transaction.atomic
def add_role(
    vehicle_id: int, *, customer: Customer, role: str, since: date | None, today: date, by: Employee,
    until: date | None = None, contact: Contact | None = None,
) -> VehicleRole:  # fmt: skip
    """Say what a customer, or one of their contacts, is or was to a car; a new owner ends the one before.

    Raises RuleBroken (field since, until, role or who) for days that cannot be, a second owner of the same days, the
    same role twice, a contact as owner, and a contact who had left before.
    """
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    return give_role(vehicle, customer, role=role, since=since, until=until, today=today, by=by, contact=contact)


def give_role(
    vehicle: Vehicle, customer: Customer, *, role: str, since: date | None, today: date, by: Employee,
    until: date | None = None, contact: Contact | None = None,
) -> VehicleRole:  # fmt: skip
    """The same for a car that is locked already. A car that was sold on is in use again once its owner is known."""
    _check_person(vehicle, customer, contact, role, since)
    becomes_owner = role == OWNER and until is None
    if becomes_owner and vehicle.state == Vehicle.State.SCRAPPED:
        raise RuleBroken(_("This car was scrapped. Mark it as in use first if that was wrong."), field="role")
    held = list(vehicle.roles.all())
    if role == OWNER and since is None and until is None and any(one.role == OWNER for one in held):
        since = today  # whoever follows another owner begins on a day
    if until is None:
        for one in held:
            if one.until is None and one.role == role and _is_of(one, customer, contact):
                return one
    _check_days(role, Span(since, until), held, customer, contact, today=today)
    if becomes_owner:
        _follow_owner(vehicle, held, since or today, by=by, today=today)
    made = VehicleRole.objects.create(
        store_id=vehicle.store_id, vehicle=vehicle, customer=customer, contact=contact, role=role, since=since,
        until=until,
    )  # fmt: skip
    if becomes_owner:
        name_orders([vehicle.pk])
    search.refresh([customer.pk])
    trail.record(by, "vehicle.role_added", customer, vehicle=vehicle.pk, role=role)
    return made


def _is_of(held: VehicleRole, customer: Customer, contact: Contact | None) -> bool:
    return held.customer_id == customer.pk and held.contact_id == (contact.pk if contact else None)


def _check_person(vehicle: Vehicle, customer: Customer, contact: Contact | None, role: str, since: date | None) -> None:
    """Refuse somebody of another store or card, a contact as owner, and one who is no longer there."""
    if customer.store_id != vehicle.store_id or (contact and contact.customer_id != customer.pk):
        raise RuleBroken(_("Choose one of the entries offered here."))
    if contact is None:
        return
    if role == OWNER:
        raise RuleBroken(
            _("A contact cannot be the owner. Add them as a customer and give them the car."),
            code="contact_owner", field="role",
        )  # fmt: skip
    if contact.left_on and (since is None or since >= contact.left_on):
        text = _("%(name)s left on %(day)s. Choose somebody else, or days before that.")
        raise RuleBroken(
            text % {"name": contact.name, "day": contact.left_on.isoformat()}, code="contact_left", field="who"
        )


def _check_days(
    role: str, span: Span, held: list[VehicleRole], customer: Customer, contact: Contact | None, *, today: date,
    field: str = "since",
) -> None:  # fmt: skip
    """Refuse days that cannot be; `field` is the one to be shown with it."""
    others = [
        Held(one.role, Span(one.since, one.until), is_same=one.role == role and _is_of(one, customer, contact))
        for one in held
    ]
    found = problem(role, span, others, today=today)
    if found:
        why, days = found
        shown = "until" if why == Problem.ENDS_BEFORE else field
        raise RuleBroken(_refusal(why) % {"days": span_words(days)}, code=why.value, field=shown)


def _refusal(why: Problem) -> str:
    return {
        Problem.ENDS_BEFORE: _("The last day lies before the first. Choose that day or a later one."),
        Problem.AHEAD: _("These days lie ahead. Choose days up to today, and note the rest when it has happened."),
        Problem.TWICE: _("This person has this role already (%(days)s). End that one first, or choose other days."),
        Problem.OWNED: _(
            "Somebody else owned the car then (%(days)s). Choose days on which nobody did, or hand the car over."
        ),
    }[why]


def span_words(span: Span) -> str:
    """The days of a role in words: from … to …."""
    if span.until is None:
        return _("since %(since)s") % {"since": span.since.isoformat()} if span.since else _("until further notice")
    if span.since is None:
        return _("until %(until)s") % {"until": span.until.isoformat()}
    return _("%(since)s to %(until)s") % {"since": span.since.isoformat(), "until": span.until.isoformat()}


def end_owner(present: VehicleRole | None, successor: date) -> None:
    """The present owner's last day is the day before the next one's first; refuses a successor who came earlier."""
    if present is None:
        return
    if present.since and successor < present.since:
        raise RuleBroken(
            _("The present owner has had the car since %(day)s. Choose a later day.")
            % {"day": present.since.isoformat()},
            code="owner_not_later",
            field="since",
        )
    end_all([present], successor)


def end_all(going: Iterable[VehicleRole], successor: date) -> None:
    """Their last day is the day before the next owner's first, but never before they began."""
    for role in going:
        role.until = rules.last_day_before(successor, role.since)
        role.save(update_fields=["until"])


def put_state(vehicle: Vehicle, state: str) -> None:
    """Say in what state a car is, which is locked."""
    if vehicle.state != state:
        vehicle.state = state
        editing.save(vehicle, ["state"], clash=RuleBroken(""))  # no key holds the state


def _follow_owner(vehicle: Vehicle, held: list[VehicleRole], successor: date, *, by: Employee, today: date) -> None:
    """End what the present owner has to do with a car, if there is one, and put a car that was sold on to use again.

    With him go the people of his card, as in a handover: his driver would be dialled for the next owner's car.
    """
    present = next((one for one in held if one.role == OWNER and one.until is None), None)
    if vehicle.state == Vehicle.State.SOLD:
        put_state(vehicle, Vehicle.State.ACTIVE)
        trail.record(by, "vehicle.state_changed", vehicle, state=(Vehicle.State.SOLD.value, vehicle.state))
    if present is None:
        return
    end_owner(present, successor)
    end_all((one for one in held if one.until is None and one.customer_id == present.customer_id), successor)
    bookings.call_off(vehicle.pk, Q(customer=present.customer_id), by=by, today=today)


@transaction.atomic
def end_role(role_id: int, *, until: date, today: date, by: Employee) -> VehicleRole:
    """Say until which day somebody was what they were to a car; refuses a day ahead, and one before it began.

    The last day of a role that has ended may be corrected, but not to days on which somebody else owned the car: who
    handed it over meanwhile is not overruled by a page that was opened before.
    """
    vehicle = Vehicle.objects.select_for_update(of=("self",)).get(roles=role_id)
    role = VehicleRole.objects.select_related("customer", "contact").get(pk=role_id)
    if role.since and until < role.since:
        raise RuleBroken(
            _("It began on %(day)s. Choose that day or a later one.") % {"day": role.since.isoformat()}, field="until"
        )
    if until > today:
        raise RuleBroken(_("This day lies ahead. Choose today, or end the role when it has happened."), field="until")
    if role.until is not None:
        others, span = list(vehicle.roles.exclude(pk=role.pk)), Span(role.since, until)
        _check_days(role.role, span, others, role.customer, role.contact, today=today, field="until")
    role.until = until
    role.save(update_fields=["until"])
    trail.record(by, "vehicle.role_ended", role.customer, vehicle=role.vehicle_id, role=role.role)
    return role
