"""The page for the morning meeting (早会): one view of satisfaction on one sheet of A4."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.core import clock, formats
from crm_site.core.charts.paper import EDGE, PAGE, Cell, Paper, width_at
from satisfaction import rules
from satisfaction.models import Dimension
from satisfaction.rules.targets import against
from satisfaction.shown import Shown
from satisfaction.views import board
from satisfaction.views.charts.compared import Compared
from satisfaction.views.export.facts import Facts, ItemLine
from satisfaction.views.members import DIMENSIONS

LEFT, RIGHT = EDGE, PAGE[0] - EDGE
#: how many lines find room
COVERED, FALLS, ITEMS, MEMBERS = 8, 4, 6, 26
#: height of a line of a comparison
LINE = 24


def render(facts: Facts, by: str = "") -> bytes:
    """The page as PDF; `by` is the dimension of a comparison, '' the overview."""
    return drawn(facts, by).pdf()


def file_name(facts: Facts, by: str = "") -> str:
    """Codes only, so that every system can write it."""
    return f"satisfaction-{facts.lens.kind}-{facts.lens.month}{f'-{by}' if by else ''}.pdf"


def drawn(facts: Facts, by: str = "") -> Paper:
    """The page, not yet shrunk to A4."""
    paper = Paper(facts.title)
    _top(paper, facts, str(DIMENSIONS[by]) if by else "")
    if by:
        _comparison(paper, facts, by)
    else:
        _overview(paper, facts)
    _foot(paper, facts)
    return paper


# ---- frame ----------------------------------------------------------------------------------------------------------


def _top(paper: Paper, facts: Facts, more: str) -> None:
    """Title, and what is looked at."""
    words = dict(facts.about)
    title = " · ".join(part for part in (str(facts.lens.title), more, facts.lens.period) if part)
    paper.write(LEFT, 44, title, size=24, width=700)
    said = [words[_("Stores")], *facts.narrowed]
    if facts.lens.is_running:
        paper.write(RIGHT, 34, _("provisional: new calls may still move it"), tone="warn", align="right", width=460)
    paper.write(RIGHT, 54, " · ".join(said), tone="ink-2", align="right", width=460)
    paper.rule(LEFT, 72, RIGHT, width=1.4)


def _foot(paper: Paper, facts: Facts) -> None:
    """How the figures are made, and who took the page away when."""
    words = dict(facts.about)
    made = f"{words[_('Made by')]} · {clock.local(facts.made_at):%Y-%m-%d %H:%M}"
    paper.rule(LEFT, 862, RIGHT, tone="line")
    paper.write(RIGHT, 876, made, tone="ink-3", align="right", width=300)
    note = _("Intervals of 95 in 100; fewer than 10 answers show no figure, fewer than 30 are marked.")
    asked = words.get(_("Questionnaires"), "")
    paper.write(LEFT, 876, f"{note} {asked}", tone="ink-3", width=RIGHT - LEFT - 320)


# ---- overview -------------------------------------------------------------------------------------------------------


def _overview(paper: Paper, facts: Facts) -> None:
    """Figure, coverage and what needs somebody; the year; factors beside the best and the weakest items."""
    _figure(paper, facts, LEFT, 336)
    side = LEFT + 368
    if facts.coverage:
        _coverage(paper, facts, side, 340)
        side += 372
    _attention(paper, facts, side, RIGHT - side)
    paper.head(LEFT, 322, RIGHT, _("Twelve months"), _("band: the interval of 95 in 100"))
    facts.trend.draw(area=paper.area(LEFT, 342, RIGHT - LEFT, 216))
    half = (RIGHT - LEFT - 32) / 2
    if facts.factors.lines:
        paper.head(LEFT, 580, LEFT + half, _("Factors"), _("with weight and own n"))
        height = min(len(facts.factors.lines) * 38 + 48, 252)
        facts.factors.draw(area=paper.area(LEFT, 600, half, height))
        _best_and_worst(paper, facts, LEFT + half + 32, half)
    else:
        _best_and_worst(paper, facts, LEFT, RIGHT - LEFT)


def _figure(paper: Paper, facts: Facts, left: float, width: float) -> None:
    """The head figure with interval, n, band, change and target, then the other figures."""
    mean = facts.head
    paper.head(left, 94, left + width, facts.trend.name)
    if mean.shown is None:
        paper.write(left, 146, formats.EMPTY, size=44)
        paper.write(left + 60, 152, _("sample too small") + f" · n = {formats.number(mean.n)}", tone="ink-2")
    else:
        shown = formats.score(mean.shown)
        paper.write(left, 146, shown, size=44)
        beside = left + width_at(shown, 44) + 16
        interval = f"{formats.score(mean.low)}–{formats.score(mean.high)}"
        paper.write(beside, 132, _("95%% interval %(ends)s") % {"ends": interval}, tone="ink-2")
        few = f" · {_('small sample')}" if mean.is_few else ""
        paper.write(beside, 154, f"n = {formats.number(mean.n)} · {Shown('index', mean).band_word}{few}", tone="ink-2")
    lines = [(board.before_words(facts.lens), board.change_words(mean, facts.before))]
    if facts.target is not None:
        lines.append((_("Target"), _target_words(facts)))
    lines += [(one.label, _extra_words(one.value, one.code)) for one in facts.extras]
    for number, (what, said) in enumerate(lines[:6]):
        y = 194 + number * 19
        paper.write(left, y, what, tone="ink-2", width=134)
        paper.write(left + width, y, said, align="right", width=width - 138)


def _target_words(facts: Facts) -> str:
    found = against(facts.head.shown, facts.target)
    return f"{formats.score(facts.target)} · {board.against_words(found)}" if found else formats.EMPTY


def _extra_words(value: rules.Mean | rules.Rate, code: str) -> str:
    """67% (61%–72%) · n = 120."""
    shown = Shown(code, value)
    ends = f" ({shown.interval})" if shown.interval else ""
    return f"{shown.text}{ends} · n = {formats.number(value.n)}"


def _coverage(paper: Paper, facts: Facts, left: float, width: float) -> None:
    """From how many customers the answers come: a bar for each part."""
    paper.head(left, 94, left + width, _("Coverage"))
    for number, row in enumerate(facts.coverage[:COVERED]):
        y = 126 + number * 23
        paper.write(left, y, str(row["word"]), tone="ink-2", width=112)
        room = width - 120 - 96
        share = min(max(float(row["share"]), 0), 1)
        paper.box(left + 120, y - 7, max(room * share, 1), 14, tone="accent" if number == 0 else "accent-line")
        said = f"{formats.number(row['count'])} · {formats.percent(row['share'])}"
        paper.write(left + width, y, said, align="right", width=92)


def _attention(paper: Paper, facts: Facts, left: float, width: float) -> None:
    """Low answers, what fell, open measures."""
    right = left + width
    paper.head(left, 94, right, _("Needs attention"))
    counts = ((_("Responses with a low answer"), facts.low), (_("Open improvement measures"), facts.open_measures))
    y = 126.0
    for what, count in counts:
        paper.write(left, y, what, tone="ink-2", width=width - 70)
        paper.write(right, y, formats.number(count), size=14, align="right")
        y += 24
    paper.write(left, y + 6, _("Fell beyond chance"), tone="ink-3")
    y += 28
    if not facts.alerts:
        paper.write(left, y, _("nothing"), tone="ink-2")
    for alert in facts.alerts[:FALLS]:
        y = paper.paragraph(left, y, f"▼ {alert}", width=width, lines=1, tone="bad") + 2
    more = len(facts.alerts) - FALLS
    if more > 0:
        paper.write(left, y, ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}, tone="ink-3")


def _best_and_worst(paper: Paper, facts: Facts, left: float, width: float) -> None:
    """The weakest items first: that is what the meeting is about."""
    shown = sorted((one for one in facts.items if one.now.is_enough), key=lambda one: one.now.value or 0)
    count = min(ITEMS, len(shown) // 2)
    half = (width - 24) / 2
    paper.head(left, 580, left + half, _("Weaknesses"))
    paper.head(left + half + 24, 580, left + width, _("Strengths"))
    if not count:
        paper.write(left, 614, _("Too few items have enough answers."), tone="ink-3", width=half)
        return
    _item_table(paper, left, half, shown[:count])
    _item_table(paper, left + half + 24, half, shown[::-1][:count])


def _item_table(paper: Paper, left: float, width: float, rows: list[ItemLine]) -> None:
    columns = [
        Cell(_("Item"), width - 168), Cell(_("Mean"), 40, "right"), Cell(_("95%% interval") % {}, 88, "right"),
        Cell("n", 40, "right"),
    ]  # fmt: skip
    lines = [
        [one.label, formats.score(one.now.value), f"{formats.score(one.now.low)}–{formats.score(one.now.high)}",
         f"{formats.number(one.now.n)}{'*' if one.now.is_few else ''}"]
        for one in rows
    ]  # fmt: skip
    paper.table(left, 600, columns, lines, line=30)


# ---- comparison -----------------------------------------------------------------------------------------------------


def _comparison(paper: Paper, facts: Facts, by: str) -> None:
    """The members of a dimension as a table, and their dots beside it; people one part below the other."""
    groups = facts.groups.get(by, [])
    if not groups:
        paper.write(LEFT, 110, _("No valid response in this period"), tone="ink-2")
        return
    room = MEMBERS - 5 * (len(groups) - 1)
    y = 94.0
    for one, lines in zip(groups, _shares([len(one.group.members) for one in groups], room), strict=True):
        y = _group(paper, one, y, lines, is_people=by == Dimension.EMPLOYEE)


def _shares(wanted: list[int], room: int) -> list[int]:
    """How many lines each group gets: all it wants where there is room, else the small ones first."""
    given, left = [0] * len(wanted), room
    for done, place in enumerate(sorted(range(len(wanted)), key=lambda place: wanted[place])):
        given[place] = max(min(wanted[place], left // (len(wanted) - done)), 1)
        left -= given[place]
    return given


def _group(paper: Paper, one: Compared, y: float, lines: int, *, is_people: bool) -> float:
    """One table with its picture; gives where the next one begins."""
    hidden = len(one.group.members) - lines
    note = ngettext("%(count)d more in the workbook", "%(count)d more in the workbook", hidden) % {"count": hidden}
    paper.head(LEFT, y, RIGHT, one.group.label, note if hidden else "")
    members = one.group.members[:lines]
    ranks = one.group.ranks()
    columns = [
        Cell(_("Employee") if is_people else _("Who or what"), 190), Cell("n", 60, "right"),
        Cell(_("Mean"), 64, "right"), Cell(_("95%% interval") % {}, 96, "right"), Cell(_("Rank"), 110),
        Cell(_("Moved by"), 70, "right"),
    ]  # fmt: skip
    rows = [_member_row(member, ranks.get(member.key)) for member in members]
    rows_from = y + 54  # two names may stand over the picture's lines, which are level with the table's
    end = paper.table(LEFT, rows_from - LINE, columns, rows, line=LINE)
    across = LEFT + sum(column.width for column in columns) + 24
    shown = Compared(replace(one.group, members=members), one.target)
    over = 38 if one.target is not None and one.group.centre is not None else 22
    height = max(len(members), 2) * LINE + over + 26
    shown.draw(area=paper.area(across, rows_from - over, RIGHT - across, height))
    return max(end, rows_from - over + height) + 16


def _member_row(member: Any, rank: rules.Rank | None) -> list[str]:
    """The cells of one member."""
    shown = Shown("index", member.now, rank=rank, rolling=member.rolling)
    moved = rules.change(member.now, member.before)
    mark = "*" if shown.is_few else ""
    name = f"{member.label} · {member.note}" if member.note else member.label
    value = f"△ {shown.text}" if shown.is_rolling else shown.text
    return [
        name, f"{formats.number(shown.n)}{mark}", value if shown.is_shown else formats.EMPTY, shown.interval,
        shown.place, formats.signed(moved.by, 1) if moved else formats.EMPTY,
    ]  # fmt: skip
