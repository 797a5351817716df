"""Which customer a row means: found, new, or asked of a person where only the number speaks for somebody else."""

from __future__ import annotations

from typing import Any

from crm_site.core import phones
from customers.intake.archive import Archive, Car, Person
from customers.intake.outcome import Outcome

#: answers of a person (Row.same) beside the key of a customer
NEW, ONE = "new", "one"


def meant(
    archive: Archive,
    outcome: Outcome,
    *,
    name: str,
    said: list[str],
    car: Car | None,
    number: str | None = None,
    field: str = "phone",
) -> Person | None:
    """The customer whom a row means, perhaps a new one; None where a person must say it first (outcome asks).

    `said` are the row's numbers, `field` is where a doubt is shown. Somebody of another name and of another customer
    number is another customer, whatever the telephone says.
    """
    row = outcome.row
    person, others = archive.who(name, said, car, number)
    if person is not None:
        return person
    open_to = [other for other in others if not (number and other.obj.number)]
    if open_to and row.same != NEW:
        chosen = _chosen(archive, open_to, row.same)
        if chosen is None:
            outcome.ask(field, name, [_described(archive, other) for other in open_to])
        return chosen
    if others:
        outcome.warn("same_phone_other_name", field, name)
    return archive.new_person(name, number, batch=archive.ctx.batch, sheet=row.sheet, row=row.number)


def _chosen(archive: Archive, others: list[Person], answer: str) -> Person | None:
    """The one whom the answer names; None for no answer, and for one that fits nobody (any more)."""
    if answer == ONE:
        return others[0] if len(others) == 1 else None
    return next((other for other in others if answer and answer in _keys(archive, other)), None)


def _keys(archive: Archive, person: Person) -> list[str]:
    """By what an answer may name a customer: the key, or the row of this very file that brings them."""
    one = person.obj
    keys = [str(one.pk)] if one.pk else []
    return [*keys, f"{one.sheet}!{one.row}"] if one.batch_id == archive.ctx.batch.pk else keys


def _described(archive: Archive, person: Person) -> dict[str, Any]:
    """A customer in question, as the preview may show them: masked, and a restricted one not at all."""
    one = person.obj
    numbers = [phone.obj.number for phone in archive.numbers[person] if phone.obj.contact_id is None]
    words = [] if one.restricted else [one.name, *(phones.mask(number) for number in numbers[:2]), one.number or ""]
    return {
        "key": _keys(archive, person)[-1],
        "text": " · ".join(filter(None, words)),
        "row": one.row if one.batch_id == archive.ctx.batch.pk else None,
    }
