"""Tags and filters of the house style: icons, figures, phones, moments, query strings."""

from typing import Any

from django import forms, template
from django.http import HttpRequest
from django.utils.translation import gettext

from crm_site.core import formats, heat, icons, masking, urls

register = template.Library()

for plain in (
    formats.masked_phone,
    formats.grouped_phone,
    formats.masked_vin,
    formats.money,
    formats.score,
    formats.duration,
    formats.when,
    formats.day,
):
    register.filter(plain.__name__, plain)
register.filter("masked_words", masking.words)


@register.filter
def masked_said(text) -> str:
    """`{{ ticket.words|masked_said }}`: what people wrote, without numbers of persons; empty stays empty."""
    return masking.said(str(text)) if text else ""


@register.simple_tag
def icon(name: str, label: str = "", extra: str = ""):
    """`{% icon "telephone" %}` beside a word; `{% icon "x" label=_("Close") %}` alone; `extra` adds classes."""
    return icons.render(name, label=str(label), extra=extra)


@register.simple_tag
def heat_cells(cells):
    """The cells of one row of a heat table, see crm_site.core.heat."""
    return heat.cells(cells)


@register.filter
def number(value, places: int = 0) -> str:
    """`{{ count|number }}` → 1,290; `{{ value|number:1 }}` → 86.3; empty is –."""
    return formats.number(value, places)


@register.filter
def signed(value, places: int = 0) -> str:
    """`{{ change|signed:1 }}` → +0.8, −3.4, 0.0; empty is –."""
    return formats.signed(value, places)


@register.filter
def percent(value, places: int = 0) -> str:
    """`{{ share|percent:1 }}` → 67.1% for 0.671; empty is –."""
    return formats.percent(value, places)


@register.filter
def initial(name: str) -> str:
    """The first character of a name, for the little disc beside it."""
    return str(name or "").strip()[:1].upper()


@register.filter
def is_long(field) -> bool:
    """Whether a bound field needs the whole width: text areas and groups of radios or check boxes."""
    return isinstance(field.field.widget, forms.Textarea | forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.simple_tag
def url_with(request: HttpRequest, **changes) -> str:
    """This page's address with some query values changed: `{% url_with request page=2 store=None %}`.

    None or "" takes a value away; lists give several values. The order of the others is kept.
    """
    return urls.with_query(request, **changes)


@register.filter
def get(mapping, key):
    """`{{ mapping|get:key }}`: an item by a key held in a variable; None when it is missing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


@register.simple_tag
def scale(low=None, high=None, low_max=None, value=None) -> list[dict[str, Any]]:
    """The marks of a question from `low` (default 1) to `high` (default 10), both included: what stands on each key.

    Marks up to `low_max` (default 6) are low, the mark `value` is chosen. In words here, for a call page has seventy.
    """
    first = 1 if low in (None, "") else int(low)
    last = 10 if high in (None, "") else int(high)
    limit = int(low_max or 6)
    label = gettext("%(answer)s points")
    return [
        {
            "mark": str(mark),
            "label": label % {"answer": mark},
            "place": "cut" if mark == limit else "end" if mark == last else "",
            "is_low": mark <= limit,
            "is_chosen": str(mark) == str(value),
        }
        for mark in range(first, last + 1)
    ]


@register.simple_tag
def place(value, low, high) -> str:
    """Where `value` lies between `low` and `high`, as a per cent for an SVG attribute; outside is cut off."""
    value, low, high = (formats.decimal_or_none(one) for one in (value, low, high))
    if value is None or low is None or high is None or high <= low:
        return "0%"
    share = min(max((value - low) / (high - low), 0), 1) * 100
    return f"{share:.1f}%"


@register.simple_tag(takes_context=True)
def show_panel(context, panel) -> str:
    """`{% show_panel panel %}`: the template of a core.panels.Panel with its own context only."""
    template = context.template.engine.get_template(panel.template)
    return template.render(context.new({**panel.context, "csrf_token": context.get("csrf_token")}))
