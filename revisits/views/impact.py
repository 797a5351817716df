"""How the effect of a change is drawn: so many more and fewer calls, for which reasons, and the first of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import formats
from revisits.models import RevisitRule
from revisits.queries.impact import Difference, Effect, whose
from revisits.wording import reason_word

#: how many calls are named
LINES = 20


def drawn(store_id: int, today: date, effects: tuple[Effect, Effect]) -> dict[str, Any]:
    """The panel's variables: the figures, the reasons, and the first lines."""
    next_run, ahead = effects
    rules = {row.code: row.label for row in RevisitRule.objects.for_store(store_id)}
    named = next_run if next_run.differences else ahead
    chosen = _first(named.differences)
    about = whose(store_id, {one.anchor_key for one in chosen})
    return {
        "figures": [
            {"label": _run(next_run.until, today), "value": _sum(next_run)},
            {"label": _("Due up to %(day)s") % {"day": f"{ahead.until:%m-%d}"}, "value": _sum(ahead)},
        ],
        "reasons": _reasons(named),
        "lines": [
            {"rule": rules.get(one.rule, one.rule), "about": about.get(one.anchor_key), "is_more": one.is_more,
             "why": _why(one)}
            for one in chosen
        ],
        "rest": len(named.differences) - len(chosen),
        "is_ahead": named is ahead,
        "is_nothing": not ahead.differences and not next_run.differences,
    }  # fmt: skip


def _run(day: date, today: date) -> str:
    return _("Tomorrow's run") if (day - today).days == 1 else _("Run of %(day)s") % {"day": f"{day:%m-%d}"}


def _sum(effect: Effect) -> str:
    """So many more and fewer, such as +142 / −37."""
    return f"+{formats.number(effect.more)} / −{formats.number(effect.fewer)}"


def _first(differences: Sequence[Difference]) -> list[Difference]:
    """The first lines; of both sorts where there are both."""
    more = [one for one in differences if one.is_more]
    fewer = [one for one in differences if not one.is_more]
    half = LINES // 2
    return [*more[: max(half, LINES - len(fewer))], *fewer[: max(half, LINES - len(more))]]


def _reasons(effect: Effect) -> list[dict[str, Any]]:
    """How many calls come or go for which reason, the most frequent first."""
    counts = Counter((one.is_more, _why(one)) for one in effect.differences)
    return [{"is_more": is_more, "why": why, "count": count} for (is_more, why), count in counts.most_common()]


def _why(one: Difference) -> str:
    if one.is_more:
        return _("until now: %(reason)s") % {"reason": reason_word(one.reason)} if one.reason else _("becomes due")
    return reason_word(one.reason) if one.reason else _("not due by this day any more")
