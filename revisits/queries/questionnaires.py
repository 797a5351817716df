"""Which rules ask a questionnaire: the room below asks before it lets one be retired."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm_site.accounts.models import Store
from revisits.generator.context import StoreRule, stores_rules

#: conditions of a rule that name a further questionnaire
NAMING = ("full_form", "short_form")


def uses(code: str, store_ids: Sequence[int]) -> list[str]:
    """The rules that are on and ask this questionnaire, each with the store where it is so; a name once a rule."""
    stores = Store.objects.in_bulk(list(store_ids))
    found: dict[str, list[str]] = {}
    for store_id, held in stores_rules(store_ids).items():
        for rule in held:
            if _asks(rule, code):
                found.setdefault(rule.rule.label, []).append(stores[store_id].short_name)
    return [_named(label, places) for label, places in found.items()]


def _named(label: str, places: list[str]) -> str:
    """A rule with the store where it is so, and how many more there are."""
    if len(places) == 1:
        return _("%(rule)s (%(store)s)") % {"rule": label, "store": places[0]}
    return _("%(rule)s (%(store)s and %(count)d more)") % {"rule": label, "store": places[0], "count": len(places) - 1}


def _asks(rule: StoreRule, code: str) -> bool:
    """Whether any version of a rule that is on asks a questionnaire, as its own or in place of its own."""
    return any(
        version.is_on
        and code in {version.questionnaire.code if version.questionnaire else "", *map(version.conditions.get, NAMING)}
        for version in rule.versions
    )
