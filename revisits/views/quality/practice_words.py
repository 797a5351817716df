"""The review of a practice call in words: what was right, and what to do about what was missed."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revisits.defaults.practice import Case
from revisits.models import CallResult
from revisits.rules import practice as rules
from revisits.said import Purpose
from satisfaction.models import Decision

RIGHT: dict[str, str | Promise] = {
    rules.RESULT: gettext_lazy("The result says how the call ended."),
    rules.ANSWERS: gettext_lazy("Every question is asked."),
    rules.LOW: gettext_lazy("The low marks are those that the customer gave."),
    rules.WORDS: gettext_lazy("Every low mark has the customer's own words."),
    rules.DECISION: gettext_lazy("The decision on the low marks fits."),
    rules.AGREED: gettext_lazy("The agreed time is the one that the customer named."),
    rules.BAN: gettext_lazy("The wish not to be called is kept."),
    rules.CONTACT: gettext_lazy("The right person's number is kept."),
    rules.BOOKING: gettext_lazy("The visit is booked for the day named."),
    rules.PURPOSES: gettext_lazy("Each matter has its own result."),
    rules.NOTE: gettext_lazy("A note says what happened."),
}


def missed(code: str, case: Case) -> str:
    """What to do about one finding, with what the case wants."""
    wanted = case.expected
    if code == rules.RESULT:
        row = CallResult.objects.filter(store=None, code=wanted.result).first()
        return _("Result: “%(result)s” was right here.") % {"result": row.label if row else wanted.result}
    if code == rules.DECISION:
        return _("Decision: “%(decision)s” was right here.") % {"decision": Decision(wanted.decision).label}
    if code == rules.AGREED and wanted.agreed:
        told = {"days": wanted.agreed.days, "time": f"{wanted.agreed.hour}:{wanted.agreed.minute:02d}"}
        return _("Agreed time: the customer named %(time)s, %(days)s day ahead.") % told
    if code == rules.BOOKING:
        return _("Booking: the customer wants to come %(days)s days ahead.") % {"days": wanted.booking_days}
    if code == rules.PURPOSES:
        words = _(", ").join(str(Purpose(word).label) for word in wanted.purposes)
        return _("Further matters: “%(words)s” was right here.") % {"words": words}
    return str(MISSED.get(code, code))


MISSED: dict[str, str | Promise] = {
    rules.ANSWERS: gettext_lazy("Questions: some were not asked. Ask all of them, or break off with the right result."),
    rules.LOW: gettext_lazy("Marks: write down exactly the marks that the customer gave, low ones too."),
    rules.WORDS: gettext_lazy("Words: write why a mark is low, in the customer's own words."),
    rules.BAN: gettext_lazy("Wish: the customer does not want to be called again. Tick it under the result."),
    rules.CONTACT: gettext_lazy("Contact: ask for the right person's number and write it down."),
    rules.NOTE: gettext_lazy("Note: write in a sentence what happened, for whoever calls next."),
}
