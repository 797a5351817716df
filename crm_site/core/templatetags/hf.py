"""Tags and filters of the house style: icons, figures, phones, moments, query strings."""

from django import template
from django.http import HttpRequest

from crm_site.core import formats, icons

register = template.Library()

for plain in (
    formats.masked_phone,
    formats.grouped_phone,
    formats.masked_vin,
    formats.money,
    formats.score,
    formats.duration,
    formats.when,
):
    register.filter(plain.__name__, plain)


@register.simple_tag
def icon(name: str, label: str = "", extra: str = ""):
    """`{% icon "telephone" %}` beside a word; `{% icon "x" label=_("Close") %}` alone; `extra` adds classes."""
    return icons.render(name, label=str(label), extra=extra)


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
def describedby(field) -> str:
    """The ids of a bound field's help and error, for aria-describedby."""
    parts = [f"{field.auto_id}_helptext"] if field.help_text else []
    return " ".join(parts + ([f"{field.auto_id}_error"] if field.errors else []))


@register.simple_tag
def url_with(request: HttpRequest, **changes) -> str:
    """This page's address with some query values changed: `{% url_with request page=2 store=None %}`.

    None or "" takes a value away; lists give several values. The order of the others is kept.
    """
    query = request.GET.copy()
    for key, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        kept = [str(one) for one in values if one not in (None, "")]
        if kept:
            query.setlist(key, kept)
        else:
            query.pop(key, None)
    text = query.urlencode()
    return f"{request.path}?{text}" if text else request.path


@register.filter
def get(mapping, key):
    """`{{ mapping|get:key }}`: an item by a key held in a variable; None when it is missing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


@register.simple_tag
def scale(low: int = 1, high: int = 10) -> range:
    """The answers of a question from `low` to `high`, both included."""
    return range(int(low), int(high) + 1)
