"""Words of duplicates and merges: reasons, tables, and why something stayed where it was."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crm_site.privacy.relations import resolve
from crm_site.privacy.rules.duplicates import Reason
from crm_site.privacy.rules.merging import Why

REASONS: dict[str, str | Promise] = {
    Reason.IDENTITY: gettext_lazy("Same identity number"),
    Reason.PHONE: gettext_lazy("Same phone"),
    Reason.VIN: gettext_lazy("Same car"),
    Reason.PLATE: gettext_lazy("Same plate"),
    Reason.NAME: gettext_lazy("Same name"),
    Reason.SIMILAR: gettext_lazy("Similar name"),
}

WHYS: dict[str, str | Promise] = {
    Why.BORN: gettext_lazy("came to the surviving card after the merge"),
    Why.EDITED: gettext_lazy("was changed since"),
    Why.ELSEWHERE: gettext_lazy("was moved elsewhere since"),
    Why.GONE: gettext_lazy("is not there any more"),
    Why.TAKEN: gettext_lazy("something else has taken its place"),
}

#: tables as people call them; others are shown by what the model is called
TABLES: dict[str, str | Promise] = {
    "customers.customer": gettext_lazy("The card itself"),
    "customers.contact": gettext_lazy("Contact"),
    "customers.phone": gettext_lazy("Phone"),
    "customers.vehiclerole": gettext_lazy("Role on a vehicle"),
    "customers.profilevalue": gettext_lazy("Own fact"),
    "customers.profilerefusal": gettext_lazy("Question not answered"),
    "customers.yearvalue": gettext_lazy("Business of a year"),
    "customers.classchange": gettext_lazy("Change of class"),
    "customers.factcheck": gettext_lazy("Fact to be asked"),
    "customers.consent": gettext_lazy("Consent"),
    "customers.contactban": gettext_lazy("Wish not to be contacted"),
    "customers.delivery": gettext_lazy("Delivery"),
    "customers.repairorder": gettext_lazy("Repair order"),
    "customers.booking": gettext_lazy("Booking"),
    "customers.reveal": gettext_lazy("Look at a hidden fact"),
    "customers.correction": gettext_lazy("Correction"),
    "satisfaction.response": gettext_lazy("Response"),
    "satisfaction.sitting": gettext_lazy("Questionnaire handed over"),
    "complaints.complaint": gettext_lazy("Complaint"),
    "revisits.revisit": gettext_lazy("Revisit"),
    "revisits.callattempt": gettext_lazy("Call attempt"),
    "revisits.skip": gettext_lazy("Occasion without a call"),
    "revisits.pastcall": gettext_lazy("Past call"),
    "privacy.datarequest": gettext_lazy("Request about data"),
    "privacy.duplicatepair": gettext_lazy("Possible duplicate"),
}


def table(relation: str) -> str:
    """A table of the journal, in words."""
    model, _column = resolve(relation)
    label = model._meta.label_lower
    return str(TABLES.get(label, model._meta.verbose_name))


def stayed(relation: str, row: int, why: str) -> dict[str, str]:
    """One line of what a take-back left where it was."""
    field = relation.split(".")[2] if relation.startswith("customers.customer.") else ""
    return {"what": table(relation), "row": field or f"#{row}", "why": str(WHYS.get(why, why)), "kind": why}


def reasons(codes: list[str]) -> list[str]:
    """Why two cards may be one, in words."""
    return [str(REASONS.get(code, code)) for code in codes]
