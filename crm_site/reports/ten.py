"""The director's ten figures: value, target, reached or not, against last month and last year, the survey outside.

Each is read by the definition of its own room, and opens the list that it is counted from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.queries import period
from crm_site.core import formats
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from crm_site.reports.director import Compared, address, tickets
from revisits.judged import VERDICTS, lines
from revisits.lens import Lens
from revisits.queries.indicators import INDICATORS
from satisfaction import queries as satisfaction
from satisfaction.models import ExternalResult
from satisfaction.queries.targets import target_book
from satisfaction.rules import FEW, Mean, Rate
from satisfaction.rules.external import may_measure
from satisfaction.rules.targets import MISSED, REACHED, against

NOTHING = Mean(0, None)
#: how many months back a figure is read: now, the month before, the year before
BACK = (0, 1, 12)
CALLS = ("called", "prompt", "success")
#: (code, kind of questionnaire, its figure, label)
SCORES: tuple[tuple[str, str, str, str | Promise], ...] = (
    ("ssi", "sales", "index", gettext_lazy("Sales satisfaction (SSI)")),
    ("csi", "service", "index", gettext_lazy("Service satisfaction (CSI)")),
    ("nps", "sales", "nps", gettext_lazy("Net promoter score (sales)")),
)
#: shares of complaints, by their code in complaints
SHARES = ("closing", "solved_once")


@dataclass(frozen=True)
class Line:
    """One of the ten as the page shows it; texts are ready to be read, `verdict` is one of judged.VERDICTS or ''."""

    code: str
    label: str | Promise
    formula: str | Promise
    text: str
    #: of how many, and the interval where there is one
    note: str
    target: str
    verdict: str
    month_before: str
    year_before: str
    url: str
    external: str = ""

    @property
    def verdict_word(self) -> str:
        """The verdict in words."""
        return str(VERDICTS[self.verdict][1]) if self.verdict else ""


def ten(lens: Lens, figures: Sequence[Compared], user: Any) -> list[Line]:
    """The ten figures of a view; `figures` are the indicators that the page has read already."""
    known = {one.line.code: one for one in figures}
    found = [_call(lens, known[code]) for code in CALLS]
    found += [_score(lens, *score) for score in SCORES]
    found.append(_complaints(lens, user))
    found += [_share(lens, code, user) for code in SHARES]
    return [*found, _retained(lens)]


# ---- calls and the stock --------------------------------------------------------------------------------------------


def _call(lens: Lens, one: Compared) -> Line:
    line = one.line
    return Line(
        line.code, line.indicator.label, line.indicator.formula, line.text,
        f"{formats.number(line.value.hits)} / {formats.number(line.value.n)}", line.target_text, line.verdict,
        one.month_before or formats.EMPTY, one.year_before or formats.EMPTY, lens.url("indicator", line.code),
    )  # fmt: skip


def _retained(lens: Lens) -> Line:
    """维系率: a stock as of the cut-off day, which has no month before."""
    line = lines(lens, (INDICATORS["retained"],))[0]
    return _call(lens, Compared(line, formats.EMPTY, formats.EMPTY))


# ---- scores ---------------------------------------------------------------------------------------------------------


def _score(lens: Lens, code: str, kind: str, figure: str, label: str | Promise) -> Line:
    """A score with interval, target, change and, of a whole index, the newest survey from outside."""
    now, month, year = (_mean(lens, lens.month.shift(-back), kind, figure) for back in BACK)
    places = 1 if figure == "index" else 0
    aim = target_book(lens.scope.stores, kind, lens.month.start).value(figure)
    held = against(now.shown, aim, places=places)
    words = {REACHED: "met", MISSED: "missed"}
    return Line(
        code, label, satisfaction.FIGURES[figure].formula, _shown(now, places), _interval(now, places),
        formats.EMPTY if aim is None else f"≥ {formats.number(aim, places)}",
        words.get(held.state, "few") if held else "watch" if now.n else "nothing",
        _moved(now.shown, month.shown, 1), _moved(now.shown, year.shown, 1),
        _responses(lens, kind, figure), _outside(lens, kind) if figure == "index" else "",
    )  # fmt: skip


def _mean(lens: Lens, month: Month, kind: str, figure: str) -> Mean:
    scope = Scope.of_month(lens.scope.stores, month, kind=kind)
    if figure == "index":
        return satisfaction.by_member(scope, "").get("", NOTHING)
    found = satisfaction.extras(scope)[figure]
    return found if isinstance(found, Mean) else NOTHING


def _shown(mean: Mean, places: int) -> str:
    if mean.shown is None:
        return _("sample too small") if mean.n else formats.EMPTY
    return f"{formats.number(mean.shown, places)}{'*' if mean.n < FEW else ''}"


def _interval(mean: Mean, places: int) -> str:
    counted = f"n = {formats.number(mean.n)}"
    if mean.shown is None:
        return counted
    dash = "–" if places else " – "
    return f"{formats.number(mean.low, places)}{dash}{formats.number(mean.high, places)} · {counted}"


def _outside(lens: Lens, kind: str) -> str:
    """The newest survey that may measure the kind and ends by the month's end: score, region, rank; of one store."""
    if lens.store is None:
        return ""
    rows = ExternalResult.objects.filter(store=lens.store, last_day__lte=lens.month.last).overall()
    found = next((row for row in rows.order_by("-last_day", "pk") if may_measure(row.survey, kind)), None)
    if found is None:
        return ""
    parts = [f"{found.survey} {found.period}", f"{formats.number(found.raw_score, 1)} / {found.scale}"]
    if found.rank:
        rank = {"rank": found.rank, "of": found.rank_of or formats.EMPTY}
        parts.append(_("rank %(rank)s of %(of)s") % rank)
    return " · ".join(parts)


def _responses(lens: Lens, kind: str, figure: str) -> str:
    """The list of responses that a score is the mean of."""
    query = {"month": str(lens.month), "kind": kind, "figure": "" if figure == "index" else figure}
    return address("satisfaction:responses", lens, query)


# ---- complaints -----------------------------------------------------------------------------------------------------


def _complaints(lens: Lens, user: Any) -> Line:
    """投诉次数, and how it moved."""
    figure = period.PERIOD["complaints"]
    now, month, year = (figure.of(tickets(lens, lens.month.shift(-back), user)) for back in BACK)
    return Line(
        "complaints", figure.label, figure.formula, formats.number(now), "", formats.EMPTY, "watch",
        formats.signed(now - month), formats.signed(now - year), _list(lens, "complaints"),
    )  # fmt: skip


def _share(lens: Lens, code: str, user: Any) -> Line:
    """按时关闭率 or 一次解决率."""
    share = next(one for one in period.RATES if one.code == code)
    now, month, year = (share.of(tickets(lens, lens.month.shift(-back), user))[0] for back in BACK)
    return Line(
        code, share.label, share.formula, formats.percent(now.value, 1),
        f"{formats.number(now.hits)} / {formats.number(now.n)}", formats.EMPTY, "watch" if now.n else "nothing",
        _points(now, month), _points(now, year), _list(lens, share.whole),
    )  # fmt: skip


def _list(lens: Lens, figure: str) -> str:
    return address("complaints:list", lens, {"month": str(lens.month), "figure": figure})


# ---- words ----------------------------------------------------------------------------------------------------------


def _points(now: Rate, before: Rate) -> str:
    """The change of a share in points of per cent; – where one of them has too few rows."""
    if now.shown is None or before.shown is None:
        return formats.EMPTY
    return formats.signed((now.shown - before.shown) * 100, 1)


def _moved(now: Decimal | None, before: Decimal | None, places: int) -> str:
    return formats.EMPTY if now is None or before is None else formats.signed(now - before, places)
