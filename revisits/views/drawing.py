"""How the call page draws what it knows: the questionnaire by factors, the keypad, days, tickets, further purposes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import formats
from revisits.forms.call import CallForm
from revisits.lines import origin
from revisits.models import CallResult, Joined
from revisits.said import Purpose
from satisfaction.queries import answer_words

#: from Monday on
WEEKDAYS = tuple(map(gettext_lazy, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))


def days_ahead(today: date, count: int) -> list[dict[str, str]]:
    """Today and the days after it, to be chosen without typing."""
    days = (today + timedelta(days=ahead) for ahead in range(count))
    return [{"value": f"{day:%Y-%m-%d}", "word": day_word(day, today)} for day in days]


def day_word(day: date, today: date) -> str:
    """A day as one says it, with its weekday."""
    return f"{formats.day_name(day, today)} {WEEKDAYS[day.weekday()]}"


def pad(results: Sequence[CallResult]) -> Iterator[dict[str, Any]]:
    """The result keypad by groups."""
    for code, title in CallResult.Group.choices:
        rows = [{"code": row.code, "letter": row.key, "label": row.label} for row in results if row.group == code]
        if rows:
            yield {"title": title, "note": "", "results": rows}


def sections(form: CallForm) -> Iterator[dict[str, Any]]:
    """The questionnaire by factors, each with its questions; what has no weight comes last, under its own heading."""
    factors: dict[int | None, dict[str, Any]] = {}
    for number, question in enumerate(form.desk.questions, start=1):
        factor = question.factor
        section = factors.setdefault(
            factor.pk if factor else None,
            {
                "title": factor.label if factor else _("Overall"),
                "weight": formats.number(factor.weight) if factor else None,
                "questions": [],
            },
        )
        section["questions"].append(_question(form, question, number))
    sections = list(factors.values())
    weighted = [section for section in sections if section["weight"]]
    if all(len(section["questions"]) == 1 for section in weighted):
        _drop_heads(weighted)
    if len(sections) == 1 and not weighted:
        sections[0]["title"] = ""
    yield from sections


def _drop_heads(sections: Sequence[dict[str, Any]]) -> None:
    """A factor of one question needs no head of its own: the question bears the weight, and a short form one screen."""
    for section in sections:
        section["questions"][0]["shown_weight"] = _("weight %(number)s") % {"number": section["weight"]}
        section["title"] = ""


def _question(form: CallForm, question: Any, number: int) -> dict[str, Any]:
    """One question as the template draws it: its scale, what was answered, what is wrong."""
    name, reason = f"answer_{question.code}", f"reason_{question.code}"
    scale = form.desk.scales[question.kind]
    errors = form.errors
    drawn = {
        "number": number,
        "name": name,
        "text": question.label,
        "kind": question.kind,
        "value": form.typed(name),
        "weight": question.weight,
        "factor_weight": question.factor.weight if question.factor else 0,
        "hint": _("needed for a valid sample") if question.is_required else "",
        "error": " ".join(map(str, errors.get(name, ()))),
    }
    if scale is None:
        return drawn
    return drawn | {
        "start": scale.start,
        "end": scale.end,
        "low_max": scale.low_max,
        "words": answer_words(question.version, question.kind),
        "worth": " ".join(f"{raw}:{points}" for raw, points in (scale.points or {}).items()),
        "keys_hint": _("1 0 = 10; 0 or 1 alone: press Enter after it") if scale.start == 0 and scale.end == 10 else "",
        "low": {
            "reason_name": reason,
            "reason": form.typed(reason),
            "error": " ".join(map(str, errors.get(reason, ()))),
        }
        if scale.can_be_low
        else None,
    }


def tickets(form: CallForm) -> list[dict[str, Any]]:
    """The open tickets, each with the field for what the customer says about it."""
    rows = []
    for ticket in form.tickets:
        name = f"chase_{ticket.pk}"
        rows.append({"ticket": ticket, "name": name, "value": form.typed(name), "errors": form.errors.get(name, ())})
    return rows


def purposes(form: CallForm) -> list[dict[str, Any]]:
    """The further purposes of the call; the cars of a fleet share its result."""
    rows = []
    for task in form.joined:
        name = f"purpose_{task.pk}"
        rows.append(
            {
                "task": task,
                "origin": origin(task),
                "car": task.vehicle.plate_no if task.vehicle else "",
                "is_fleet": task.joined_as == Joined.FLEET,
                "name": name,
                "value": form.typed(name),
                "errors": form.errors.get(name, ()),
            }
        )
    return rows


def gaps(form: CallForm) -> list[dict[str, Any]]:
    """What is asked in passing: the question with its field, the box for "would not say", and names to propose."""
    return [
        {
            "words": gap.words,
            "names": gap.names,
            "field": form[f"gap_{gap.code}"],
            "untold": form[f"gap_{gap.code}_untold"],
        }
        for gap in form.desk.gaps
    ]


#: in the order of their keys 1, 2, 3
PURPOSE_CHOICES = Purpose.choices
