"""The archive's own pages of care, with what each of them lists."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from customers.care import addresses, numbers, reception
from customers.care.pages import CarePage

PAGES: list[CarePage] = [
    CarePage(
        "to_ask", _("To ask today"), "customers:to_ask", "customers.phone_checks", icon="clipboard-check",
        note=_("Facts to ask at the counter of whoever is in the house or expected."), count=reception.count,
    ),
    CarePage(
        "phone_checks", _("Numbers to check"), "customers:phone_checks", "customers.phone_checks", icon="telephone-x",
        note=_("Calls did not reach them: ask for the number at the next visit."), count=reception.numbers_waiting,
    ),
    CarePage(
        "addresses", _("Addresses to confirm"), "customers:care_addresses", "customers.care", icon="geo-alt",
        note=_("Wrong, or not confirmed for long: confirm, mark or correct in one step."), count=addresses.count,
    ),
    CarePage(
        "numbers_shared", _("Shared numbers"), "customers:care_shared", "customers.care", icon="telephone",
        note=_("Numbers on more cards than a family has."), count=numbers.count("shared"),
    ),
    CarePage(
        "numbers_staff", _("Staff numbers"), "customers:care_staff", "customers.care", icon="person-badge",
        note=_("Numbers of employees, also former ones, on customers' cards."), count=numbers.count("staff"),
    ),
    CarePage(
        "quality", _("Data quality"), "customers:quality", "customers.care",
        note=_("What share of the cards is good, by store and employee, and the cards behind every figure."),
        icon="speedometer2",
    ),
    CarePage(
        "corrections", _("Corrections of the month"), "customers:care_corrections", "customers.care", icon="pencil",
        note=_("Who corrected what, where it was learned, and for a while what stood before."),
    ),
    CarePage(
        "loyalty", _("Classes"), "customers:classes", "customers.classes", group="classes", icon="bar-chart",
        note=_("By which numbers customers are classed, and how many stand where."),
    ),
    CarePage(
        "moves", _("Who moved"), "customers:class_moves", "customers.classes", group="classes",
        note=_("Who came from which class to which in a month."), icon="arrow-left-right",
    ),
    CarePage(
        "leaving", _("At risk and lost"), "customers:leaving", "customers.classes", group="classes",
        note=_("Who stays away, by which rule, and why as far as they told."), icon="exclamation-triangle",
    ),
    CarePage(
        "screening", _("Year-end screening"), "revisits:screening", "customers.classes", group="classes",
        note=_("The five questions of the year's end."), icon="ui-checks",
    ),
    CarePage(
        "fallen", _("Who fell"), "customers:fallen", "customers.classes", group="classes",
        note=_("Last year's top customers who bring less this year."), icon="graph-down-arrow",
    ),
    CarePage(
        "winback", _("Win back"), "customers:winback", "customers.classes", group="classes",
        note=_("Important customers lost within two years, and why."), icon="arrow-repeat",
    ),
    CarePage(
        "segments", _("Segments"), "customers:segments", "customers.segments", group="classes",
        note=_("Filters of the list under a name, for rules and campaigns."), icon="people",
    ),
    CarePage(
        "fields", _("Facts of the card"), "customers:fields", "customers.fields", group="setup",
        note=_("Which facts a card holds, which count, and what is asked in calls."), icon="ui-checks",
    ),
]  # fmt: skip
