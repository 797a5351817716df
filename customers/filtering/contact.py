"""The filters by how a customer can be reached: the state of the numbers, what they refuse, what they agreed to."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from customers.care import addresses
from customers.filtering.field import CONTACT, Asked, Field, chosen
from customers.models import ContactBan, Phone


def _number(values: list[str], asked: Asked) -> Q | QuerySet:
    if values == ["none"]:
        return Q(~Exists(Phone.objects.filter(customer=OuterRef("pk"), bad_since=None)))
    if values == ["bad"]:
        return Phone.objects.filter(asked.in_stores, bad_since__isnull=False)
    own = Phone.objects.filter(customer=OuterRef("pk"), bad_since=None)
    reached = Q(Exists(own.filter(good_on__isnull=False)))
    if values == ["good"]:
        return reached
    if values == ["untried"]:
        return Q(Exists(own)) & ~reached
    return Q(check_phone_since__isnull=False)


def _address(values: list[str], asked: Asked) -> Q:
    return addresses.condition(values[0], asked.today)


def _ban(values: list[str], asked: Asked) -> Q | QuerySet:
    bans = ContactBan.objects.in_force(asked.today)
    if values == ["none"]:
        return Q(~Exists(bans.filter(customer=OuterRef("pk"))))
    return bans.filter(asked.in_stores) if values == ["any"] else bans.filter(asked.in_stores, purpose=values[0])


def _consent(values: list[str], _asked: Asked) -> Q:
    return Q(marketing_consent={"yes": True, "no": False, "unasked": None}[values[0]])


FIELDS: list[Field] = [
    chosen(
        "number",
        _("Phone number"),
        CONTACT,
        [
            ("none", _("Without a good number")),
            ("bad", _("A number is bad")),
            ("check", _("Number to be checked")),
            ("good", _("Reached on a number")),
            ("untried", _("Number never tried")),
        ],
        _number,
    ),
    chosen(
        "address",
        _("Address"),
        CONTACT,
        [("bad", _("Known to be wrong")), ("stale", _("Not confirmed for long")), ("fresh", _("Address confirmed"))],
        _address,
    ),
    chosen(
        "ban",
        _("Wishes"),
        CONTACT,
        [("any", _("Not to be contacted")), *ContactBan.Purpose.choices[1:], ("none", _("No wish in force"))],
        _ban,
    ),
    chosen(
        "consent",
        _("Consent to marketing calls"),
        CONTACT,
        [("yes", _("Agreed")), ("no", _("Did not agree")), ("unasked", _("Never asked"))],
        _consent,
    ),
]
