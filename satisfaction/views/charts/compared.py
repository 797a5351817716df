"""Dots and whiskers of everybody or everything that a page compares: people of a part, departments, models, stores."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.core import formats
from crm_site.core.charts import Area, Dot, draw_dots
from crm_site.core.charts.canvas import Canvas
from satisfaction import rules
from satisfaction.queries.targets import targets_of
from satisfaction.views.charts.trend import as_float
from satisfaction.views.lens import Lens
from satisfaction.views.members import Group, groups_of

#: a picture of more lines than this is no longer read
MOST = 60


@dataclass(frozen=True)
class Compared:
    """A group of members with what they are held against."""

    group: Group
    target: Decimal | None

    @property
    def shown(self) -> tuple[Any, ...]:
        """What decides how the picture looks."""
        return self._dots(), self.group.centre, self.target, _("Mean"), _("Target")

    def _dots(self) -> list[Dot]:
        return [_dot(one.label, one.now, one.rolling, self.group.centre) for one in self.group.members[:MOST]]

    def draw(self, *, theme: str = "light", narrow: bool = False, area: Area | None = None) -> Canvas:
        """The picture."""
        return draw_dots(
            self._dots(), theme=theme, narrow=narrow, mean=as_float(self.group.centre), mean_label=_("Mean"),
            target=as_float(self.target), target_label=_("Target"), area=area,
        )  # fmt: skip

    @property
    def alt(self) -> str:
        """What the picture says, in a sentence with the numbers that matter."""
        return words_of(self.group)


def words_of(group: Group) -> str:
    """Who stands above and below the mean of a group, with their scores, in sentences."""
    there = [one for one in group.members if one.now.is_enough]
    if not there:
        return _("%(name)s: nobody has enough responses.") % {"name": group.label}
    said = {"name": group.label, "count": len(there), "mean": formats.score(group.centre)}
    words = ngettext(
        "%(name)s: %(count)d with enough responses, mean %(mean)s.",
        "%(name)s: %(count)d with enough responses, mean %(mean)s.",
        len(there),
    )
    parts = [words % said]
    standing = {one.label: rules.compare(one.now, group.centre) for one in there}
    for verdict, sentence in (
        ("above", _("Above the mean: %(names)s.")),
        ("below", _("Below the mean: %(names)s.")),
    ):
        names = [f"{one.label} {formats.score(one.now.value)}" for one in there if standing[one.label] == verdict]
        if names:
            parts.append(sentence % {"names": _(", ").join(names)})
    if len(parts) == 1:
        parts.append(_("Nobody stands apart from it."))
    return " ".join(parts)


def _dot(label: str, now: rules.Mean, rolling: rules.Mean | None, centre: Decimal | None) -> Dot:
    """One line: the period's mean, else an open mark of three months, else only n."""
    uses_three = rules.needs_rolling(now, rolling)
    mean = rolling if uses_three and rolling is not None else now
    if not mean.is_enough:
        return Dot(label, None, note=f"n = {mean.n}")
    stands = "few" if uses_three or mean.is_few else rules.compare(mean, centre)
    mark = f" {_('three months')}" if uses_three else "*" if mean.is_few else ""
    return Dot(
        label, as_float(mean.value), low=as_float(mean.low), high=as_float(mean.high), note=f"n = {mean.n:,}{mark}",
        stands=stands if stands in ("above", "below", "same", "few") else "",
    )  # fmt: skip


def compared_of(lens: Lens, dimension: str, *, part: str = "") -> list[Compared]:
    """Every group of a dimension; of people one for each part, or the part that is asked for."""
    book = targets_of(lens.scope)
    return [Compared(group, _target(group, book)) for group in groups_of(lens, dimension, book, part=part)]


def _target(group: Group, book: Any) -> Decimal | None:
    """One target for all of them, where all have the same."""
    values = {one.target for one in group.members}
    return next(iter(values)) if len(values) == 1 else None


def nothing() -> Compared:
    """No members: an empty picture."""
    return Compared(Group("", "", (), None), None)
