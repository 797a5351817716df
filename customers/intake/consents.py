"""营销同意 of a list against what customers have said themselves: a list refuses for them but does not agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import date
from typing import Any

from crm_site.imports.layout import Context
from crm_site.imports.rules import Comparison
from customers.intake.kept import Kept
from customers.models import Consent, ContactBan, Customer

FIELD = "marketing_consent"
#: the bans that agreeing to marketing would contradict
AGAINST = (ContactBan.Purpose.MARKETING, ContactBan.Purpose.ALL)


def read(customer_ids: Iterable[int | None], today: date) -> frozenset[int]:
    """Who of some customers has refused marketing: by a wish in force, or by their latest own word; two queries."""
    ids = [pk for pk in customer_ids if pk]
    banned = ContactBan.objects.in_force(today).filter(customer_id__in=ids, purpose__in=AGAINST)
    refused = set(banned.values_list("customer_id", flat=True))
    latest: dict[int, bool] = {}
    told = Consent.objects.filter(customer_id__in=ids, purpose=Consent.Purpose.MARKETING)
    own = told.exclude(source=Consent.Source.IMPORT).order_by("told_on", "pk")
    for customer_id, is_given in own.values_list("customer_id", "is_given"):
        latest[customer_id] = is_given
    return frozenset(refused | {pk for pk, is_given in latest.items() if not is_given})


def overruled(
    refused: frozenset[int],
    person: Kept[Customer],
    fresh: MutableMapping[str, Any],
    source: Mapping[str, Any],
    *,
    decision: str,
) -> Comparison:
    """Take an “agrees” out of the facts of a row where the customer has refused; gives it as a conflict to be listed.

    A list that repeats itself is not listed again, nor one of which a person has said that our value stays; nobody can
    say that the list is right: what the customer says now is noted on the card.
    """
    if fresh.get(FIELD) is not True or person.obj.pk not in refused or person.obj.marketing_consent is True:
        return Comparison({}, {})
    fresh.pop(FIELD)
    if source.get(FIELD) is True:
        return Comparison({}, {})
    standing = person.obj.marketing_consent
    if decision == "ours":
        return Comparison({FIELD: [standing, standing]}, {})
    return Comparison({}, {FIELD: [standing, True]})


def told_by_list(people: Iterable[Kept[Customer]], ctx: Context) -> list[Consent]:
    """The statements that a list makes for the cards that it has made or changed, to be written after them."""
    return [
        Consent(
            store=ctx.store, customer_id=person.obj.pk, purpose=Consent.Purpose.MARKETING,
            is_given=person.obj.marketing_consent, told_on=ctx.today, source=Consent.Source.IMPORT, noted_at=ctx.now,
        )
        for person in people
        if person.obj.marketing_consent is not None and (person.is_new or FIELD in person.dirty)
    ]  # fmt: skip
