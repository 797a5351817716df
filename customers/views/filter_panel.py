"""The filters of the customer list as a page shows them: a few at hand, all of them unfolded, what is active."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts import policy
from crm_site.core.urls import with_query
from customers import filtering

#: the filters that stand above the list; all others unfold
AT_HAND = ("segment", "series", "value", "lifecycle", "number")
#: up to so many choices stand side by side
FEW_CHOICES = 8
#: code -> (words, order); each has an index
SORTS: dict[str, tuple[Any, list[str]]] = {
    "newest": (gettext_lazy("Newest first"), ["-created_at"]),
    "oldest": (gettext_lazy("Oldest first"), ["created_at"]),
    "completeness": (gettext_lazy("Least complete first"), ["completeness"]),
    "worth": (gettext_lazy("Most valuable first"), ["value_share"]),
}


def context(request: HttpRequest, query: Mapping[str, str], stores: Sequence[int]) -> dict[str, Any]:
    """What `customers/filter_bar.html` and `customers/filter_panel.html` show."""
    known, is_open = filtering.fields(), request.GET.get("filters") == "1"
    return {
        "at_hand": [] if is_open else [_at_hand(known[code], query.get(code, ""), stores) for code in AT_HAND],
        "kept": _kept(request, query),
        "chips": _chips(request, query, stores),
        "is_filtered": bool(query),
        "groups": _groups(request, query, stores) if is_open else [],
        "unfold_url": with_query(request, filters="1", after=""),
        "sorts": _sorts(request),
    }


def _at_hand(field: filtering.Field, text: str, stores: Sequence[int]) -> dict[str, Any]:
    options = [("", _("%(filter)s: all") % {"filter": field.label}), *field.options(stores)]
    if text and text not in {value for value, _word in options}:
        options.append((text, filtering.words_of(field, text, stores)))
    return {"name": field.code, "label": field.label, "value": text, "options": options}


def _kept(request: HttpRequest, query: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the bar's form has to send along: the filters that do not stand in it."""
    return [(code, text) for code, text in query.items() if code not in AT_HAND]


def _chips(request: HttpRequest, query: Mapping[str, str], stores: Sequence[int]) -> list[dict[str, str]]:
    return [
        {
            "label": _("%(filter)s: %(words)s") % {"filter": one.label, "words": one.words},
            "url": with_query(request, **{one.code: "", "after": ""}),
        }
        for one in filtering.active(query, stores=stores)
    ]


def _groups(request: HttpRequest, query: Mapping[str, str], stores: Sequence[int]) -> list[dict[str, Any]]:
    """All filters by group, each with its choices and what is chosen; groups with nothing to choose are left out."""
    hidden = set() if policy.stores_allowing(request.user, "customers.restrict") else {"restricted"}
    groups = []
    for group, title in filtering.GROUPS.items():
        fields = [
            _choices(field, query.get(field.code, ""), stores)
            for field in filtering.fields().values()
            if field.group == group and field.code not in hidden
        ]
        shown = [field for field in fields if field["options"] or field["control"] == "date"]
        if shown:
            groups.append({"title": title, "fields": shown})
    return groups


def _choices(field: filtering.Field, text: str, stores: Sequence[int]) -> dict[str, Any]:
    chosen = text.split(",") if text else []
    options = field.options(stores)
    known = {value for value, _word in options}
    options = [*options, *((value, filtering.words_of(field, value, stores)) for value in chosen if value not in known)]
    side_by_side = field.many and len(options) <= FEW_CHOICES
    return {
        "name": field.code,
        "label": field.label,
        "control": "boxes" if side_by_side else field.control,
        "value": text,
        "options": [(value, word, value in chosen) for value, word in options],
    }


def _sorts(request: HttpRequest) -> dict[str, Any]:
    wanted = request.GET.get("sort", "")
    options = [(code, words) for code, (words, _order) in SORTS.items()]
    return {"name": "sort", "label": _("Order"), "value": wanted, "options": options}
