"""Pages of comparison: people, departments, models, job types or stores of one period beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.vary import vary_on_headers

from crm_site.accounts import guard, policy
from crm_site.accounts.views import saved_views
from crm_site.core import clock
from satisfaction import queries, rules
from satisfaction.models import Dimension
from satisfaction.queries.targets import targets_of
from satisfaction.rules.targets import against
from satisfaction.shown import Shown, entry_code
from satisfaction.views import board, tabs
from satisfaction.views.asked import PART_WORDS, parts_of
from satisfaction.views.charts.compared import words_of
from satisfaction.views.coverage import chain_of, of_stores
from satisfaction.views.filters import department_words, filter_bar
from satisfaction.views.lens import Lens, lens_of
from satisfaction.views.members import HEADS, STORE, Group, Member, dimensions_of, groups_of
from satisfaction.views.waiting import waiting_for

#: what a comparison says of itself
NOTES = {
    Dimension.EMPLOYEE: gettext_lazy("Mean of the items that judge them, by the part in which they served"),
    Dimension.DEPARTMENT: gettext_lazy("Mean of the items that judge the department"),
    Dimension.SERIES: gettext_lazy("Mean of the indexes, by the car's series when it was answered"),
    Dimension.JOB_TYPE: gettext_lazy("Mean of the indexes, by the order's job type when it was answered"),
    STORE: gettext_lazy("Mean of the indexes; coverage says from how many customers it comes"),
}
#: people of one part on a page of every part, and on each page of the part's own
MOST_PEOPLE, PEOPLE_A_PAGE = 60, 100
#: where the dashboard puts the tables of people that it loads after itself
PEOPLE = "people"
#: what is also shown by factor: a heat table of members × factors
WITH_FACTORS = (Dimension.SERIES, Dimension.JOB_TYPE, STORE)


@vary_on_headers("HX-Request")
@guard.needs("satisfaction.view")
def breakdown(request: HttpRequest, dimension: str) -> HttpResponse:
    """Every member of one dimension with score, interval, rank, change, very satisfied, low answers and target.

    The dashboard asks for the tables alone where it loads its people after itself.
    """
    lens = lens_of(request, clock.today())
    if not lens.kinds:
        return render(request, "satisfaction/no_department.html", {"lens": lens})
    if dimension not in dimensions_of(lens):
        raise Http404
    part = _part(request, dimension)
    if request.htmx and request.htmx.target == PEOPLE:  # type: ignore[attr-defined]
        return render(request, "satisfaction/people.html", _figures(request, lens, dimension, part))
    bar = filter_bar(lens, request.path, part=part)
    if dimension == Dimension.EMPLOYEE:
        bar["fields"].append(_part_field(lens, part))
        bar["hidden"] = [pair for pair in bar["hidden"] if pair[0] != "part"]
    context = {
        "lens": lens,
        "bar": bar,
        "menu": saved_views.menu(request, "satisfaction:breakdown", dimension, store_id=lens.scope.get("store")),
        "departments": department_words(lens),
        "dimension": dimension,
        "tabs": tabs.tabs_of(lens, dimension),
        "note": NOTES[dimension],
        **_figures(request, lens, dimension, part),
    }
    return render(request, "satisfaction/breakdown.html", context)


def _part(request: HttpRequest, dimension: str) -> str:
    """The part whose people are asked for; '' = of every part."""
    part = request.GET.get("part", "") if dimension == Dimension.EMPLOYEE else ""
    if part and part not in PART_WORDS:
        raise Http404
    return part


def _part_field(lens: Lens, part: str) -> dict[str, Any]:
    """The choice of one part."""
    options = [("", _("Every part")), *((code, PART_WORDS[code]) for code in parts_of(lens.kind))]
    return {"name": "part", "label": _("Part"), "value": part, "options": options}


def _figures(request: HttpRequest, lens: Lens, dimension: str, part: str) -> dict[str, Any]:
    """The tables, unless the period and its filters are more than a page may add up at once."""
    waiting = waiting_for(request, lens, dimension)
    if waiting:
        return {"waiting": waiting}
    groups = groups_of(lens, dimension, targets_of(lens.scope), part=part)
    covered = of_stores(request, lens)
    return {
        "whole": board.whole(lens),
        "chain": chain_of(request, lens, covered),
        "groups": _tables(request, lens, groups, dimension, covered if dimension == STORE else {}),
        "steps": next(iter(covered.values()), []) if dimension == STORE else [],
        "factors": _factor_table(lens, dimension, groups),
        "may_set_targets": policy.allows(request.user, "satisfaction.targets"),
    }


def _tables(
    request: HttpRequest, lens: Lens, groups: list[Group], dimension: str, covered: dict[str, Any]
) -> list[dict[str, Any]]:
    """Each group's table with its picture for phones, where the whiskers of the table find no room."""
    theme = getattr(request.user, "theme", "light")
    number, most = _page(request, dimension)
    found = []
    for group in groups:
        asked = {"by": dimension, "part": group.code if dimension == Dimension.EMPLOYEE else ""}
        picture = board.pictures(lens, "members", theme, **asked)
        found.append({**table(lens, group, dimension, covered, most=most, number=number), "chart": picture})
    return found


def _page(request: HttpRequest, dimension: str) -> tuple[int, int | None]:
    """Which page of how many members is asked for: of one part's people, who may be hundreds; None = all on one."""
    if dimension != Dimension.EMPLOYEE:
        return 1, None
    if not _part(request, dimension):
        return 1, MOST_PEOPLE
    asked = request.GET.get("page", "1")
    if not (asked.isdecimal() and len(asked) < 5 and int(asked)):
        raise Http404
    return int(asked), PEOPLE_A_PAGE


# ---- one table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One member as the table draws it."""

    member: Member
    url: str
    shown: Shown
    very: Shown
    low: Shown
    change: rules.Change | None
    verdict: dict[str, Any]
    against: Any
    steps: list[dict[str, Any]]


def table(
    lens: Lens,
    group: Group,
    dimension: str,
    covered: dict[str, Any] | None = None,
    *,
    most: int | None = None,
    number: int = 1,
) -> dict[str, Any]:
    """A group with its common axis and a page of rows, `most` at most; `covered`: the steps of coverage by store."""
    start = (number - 1) * (most or 0)
    ranks, shown = group.ranks(), group.members[start : start + most if most else None]
    rows = [_row(lens, one, group, ranks.get(one.key), (covered or {}).get(one.key, [])) for one in shown]
    return {
        "code": group.code,
        "label": group.label,
        "alt": words_of(group),
        "head": HEADS[dimension],
        "mean": group.centre,
        "axis": board.axis_of([one.now for one in group.members], group.centre),
        "rows": rows,
        "has_targets": any(row.against for row in rows),
        "all": len(group.members) if most == MOST_PEOPLE and len(shown) < len(group.members) else 0,
        "pager": _pager(lens, group, number) if most == PEOPLE_A_PAGE else None,
        "all_url": lens.url("breakdown", dimension, part=group.code) if dimension == Dimension.EMPLOYEE else "",
    }


def _pager(lens: Lens, group: Group, number: int) -> dict[str, Any] | None:
    """The steps between the pages of a part's people; None where there is one page."""
    total, first = len(group.members), (number - 1) * PEOPLE_A_PAGE + 1
    if total <= PEOPLE_A_PAGE:
        return None
    if first > total:
        raise Http404
    url = partial(lens.url, "breakdown", Dimension.EMPLOYEE, part=group.code)
    last = min(first + PEOPLE_A_PAGE - 1, total)
    return {
        "shown": f"{first}–{last}",
        "total": total,
        "previous_url": url(page=number - 1) if number > 1 else "",
        "next_url": url(page=number + 1) if last < total else "",
    }


def _row(lens: Lens, member: Member, group: Group, rank: rules.Rank | None, steps: list[dict[str, Any]]) -> Row:
    scope = lens.scope.having(**member.filters)
    url = lens.list_url(**member.filters)
    rolling_url = lens.list_url(**member.filters, span=3)
    is_head = lens.scope.get("departments") is not None
    very_url = "" if is_head else lens.list_url(**member.filters, figure=queries.VERY_SATISFIED.code)
    kind, icon, word = board.VERDICTS[rules.compare(member.now, group.centre)]
    return Row(
        member=member,
        url=lens.url("dashboard", **member.filters),
        shown=Shown(
            entry_code(queries.INDEX.code, scope),
            member.now,
            url,
            rank=rank,
            rolling=member.rolling,
            rolling_url=rolling_url,
            is_provisional=False,
        ),  # fmt: skip
        very=Shown(queries.VERY_SATISFIED.code, member.very_satisfied, very_url),
        low=Shown(queries.LOW.code, member.low, lens.list_url(**member.filters, figure=queries.LOW.code)),
        change=rules.change(member.now, member.before),
        verdict={"kind": kind, "icon": icon, "word": word},
        against=against(member.now.shown, member.target),
        steps=steps,
    )


# ---- factors --------------------------------------------------------------------------------------------------------


def _factor_table(lens: Lens, dimension: str, groups: list[Group]) -> dict[str, Any] | None:
    """Members × factors as a heat table; None where it would say nothing."""
    if dimension not in WITH_FACTORS or not groups or not lens.is_whole:
        return None
    means = queries.factors_by_member(lens.scope, dimension)
    tree = [line for line in queries.tree_of(lens.scope) if any(code == line.code for code, _member in means)]
    rows = []
    for member in groups[0].members:
        cells = [_cell(lens, member, line.code, means.get((line.code, member.key), board.NOTHING)) for line in tree]
        rows.append({"label": member.label, "url": lens.url("dashboard", **member.filters), "cells": cells})
    return {"head": HEADS[dimension], "heads": [line.label for line in tree], "rows": rows} if tree else None


def _cell(lens: Lens, member: Member, factor: str, mean: rules.Mean) -> dict[str, Any]:
    url = lens.list_url(**member.filters, factor=factor) if mean.n else ""
    return {"value": mean.shown, "band": mean.band, "n": mean.n, "url": url, "code": "factor"}
