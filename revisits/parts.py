"""The parts of coverage in words, for the panel and the page of indicators."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from revisits.queries import coverage as figures

#: the parts of coverage in words
PART_WORDS: dict[str, str | Promise] = {
    figures.DONE: gettext_lazy("Completed calls"),
    figures.FAILED: gettext_lazy("Unsuccessful calls"),
    figures.NOT_DUE: gettext_lazy("Not due yet, or open"),
    figures.OVERDUE: gettext_lazy("Overdue, still open"),
    figures.NO_NUMBER: gettext_lazy("Number missing"),
    figures.EXCUSED: gettext_lazy("Not to be called"),
    figures.CANCELLED: gettext_lazy("Cancelled"),
    figures.MISSING: gettext_lazy("Without a call or reason"),
}
