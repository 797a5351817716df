"""The metric dictionary (指标口径): what every figure and every mark means, from the code that computes it.

Figures bring their own words; terms say how figures are shown. Higher rooms add theirs through FIGURE_ENTRIES.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm_site.core import formats, hooks
from crm_site.core.figures import Figure, told
from satisfaction import rules
from satisfaction.queries import figures, words


@dataclass(frozen=True)
class Term:
    """A word of the dashboards that is no figure of its own; the fields are those of a figure's entry."""

    code: str
    label: str | Promise
    formula: str | Promise
    unit: str | Promise = ""
    population: str | Promise = ""
    exclusions: str | Promise = ""
    method: str | Promise = ""
    source: str | Promise = ""


Entry = Figure | Term

#: how figures are shown, in the order of the page
TERMS: tuple[Term, ...] = (
    Term(
        "interval",
        _("Interval of 95 in 100"),
        words.MEAN_INTERVAL,
        method=told(
            _(
                "every centre from which the mean lies no further than Student's t times its standard error, which "
                "follows the sample's own share of the widest possible spread; %(count)d made-up answers with "
                "%(spread)s of that spread are counted with it, so that equal answers still leave doubt"
            ),
            count=lambda: rules.PRIOR_WEIGHT,
            spread=lambda: formats.percent(rules.PRIOR_SPREAD),
        ),
        source=_("a share has Wilson's interval, a difference Newcombe's"),
    ),
    Term(
        "small",
        _("Sample too small, small sample"),
        told(
            _("fewer than %(enough)d answers: no figure and no rank; then shown, and marked while fewer than %(few)d"),
            enough=lambda: rules.ENOUGH,
            few=lambda: rules.FEW,
        ),
    ),
    Term(
        "rolling",
        _("Rolling three months"),
        told(
            _(
                "where a month has fewer than %(enough)d answers, the figure of the %(months)d months that end with it "
                "is shown and marked; it takes no rank"
            ),
            enough=lambda: rules.ENOUGH,
            months=lambda: rules.ROLLING_MONTHS,
        ),
    ),
    Term(
        "rank",
        _("Rank"),
        _(
            "1 + the number of members whose interval lies wholly above one's own; who cannot be told apart shares a "
            "place"
        ),
        exclusions=told(_("members with fewer than %(enough)d answers take no rank"), enough=lambda: rules.ENOUGH),
    ),
    Term(
        "provisional",
        _("Provisional"),
        told(
            _(
                "new calls may still move the figure: until the month of the calls is over; by month of delivery or "
                "hand-back until %(days)d days after it, as long as calls about it are still made. Later only an "
                "exclusion or an appeal moves it, with its reason"
            ),
            days=lambda: rules.CALLS_FOLLOW,
        ),
    ),
    Term(
        "band",
        _("Bands"),
        told(
            _("good from %(good)s, fair from %(fair)s, weak below, by the figure as it is shown"),
            good=lambda: rules.GOOD,
            fair=lambda: rules.FAIR,
        ),
    ),
    Term(
        "change",
        _("Against last month"),
        _("this month's mean less last month's; a real change where the interval of the difference leaves out 0"),
        exclusions=told(_("none where either month has fewer than %(enough)d answers"), enough=lambda: rules.ENOUGH),
    ),
    Term(
        "alert",
        _("Alert"),
        told(
            _(
                "a fall whose interval leaves out 0, or of at least %(fall)s points with %(few)d answers or more in "
                "both months"
            ),
            fall=lambda: rules.FALL,
            few=lambda: rules.FEW,
        ),
    ),
    Term(
        "external",
        _("External satisfaction"),
        _("what a manufacturer or an institute measured, on its own scale, with its own sample"),
        exclusions=_("never mixed with the internal score: other customers, other questions, another method"),
        source=_("imported as it was sent"),
    ),
)  # fmt: skip

#: the figures of this room, in the order of the page
DEFINED: tuple[Figure, ...] = (
    figures.INDEX, figures.FACTOR, figures.ITEM, figures.DEPARTMENT, figures.EMPLOYEE, figures.VERY_SATISFIED,
    figures.NPS, figures.LOYALTY, figures.EXECUTION, figures.LOW,
)  # fmt: skip


def groups() -> list[tuple[str | Promise, list[Entry]]]:
    """The page: figures of satisfaction, those of higher rooms, and how figures are shown."""
    brought = [(title, list(found)) for hook in hooks.load("FIGURE_ENTRIES") for title, found in [hook()]]
    return [(_("Figures of satisfaction"), list(DEFINED)), *brought, (_("How figures are shown"), list(TERMS))]


def entries() -> dict[str, Entry]:
    """Every entry by its code."""
    return {entry.code: entry for _title, found in groups() for entry in found}
