"""Sets which facts a store's cards hold, what counts for 档案完整率, what calls ask, and fields of the store's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers import profile
from customers.actions import editing
from customers.models import Group, ProfileField, ProfileValue
from customers.questions import NOT_ASKABLE
from customers.rules import profile as rules

#: what may be set of any field; of a store's own field its names, kind and options as well
SWITCHES = ("is_on", "counts", "ask_position", "question_zh", "question_en")
OWN = ("label_zh", "label_en", "kind", "customer_type", "options")
MOST_OPTIONS = 20
_OWN_CODE = re.compile(r"own_(\d+)")
#: after all that is shipped
_OWN_POSITION = 10_000


@transaction.atomic
def save_fields(
    store_id: int | None,
    wanted: Mapping[str, Mapping[str, Any]],
    seen: Mapping[str, Mapping[str, str]],
    *,
    by: Employee,
) -> list[str]:
    """Set switches of several fields, {code: {switch: value}}, for a store or (None) the company; gives the codes.

    `seen` is the text of each as it was shown. A store gets its own row beside the company's. Raises editing.Overlap
    ("switch_code") where somebody has changed one of them since, RuleBroken for what cannot be.
    """
    rows = _locked(store_id, by)
    with editing.together() as parts:
        return [
            code
            for code, values in wanted.items()
            if parts.of(partial(_set, rows.get(code), store_id, values, seen.get(code, {}), by))
        ]


@transaction.atomic
def save_field(
    store_id: int | None, code: str, values: Mapping[str, Any], seen: Mapping[str, str], *, by: Employee
) -> None:
    """Set one field: its switches and wording; of a store's own field also its names, its kind and its options.

    A field in which values stand keeps its kind, and an option that stands on a card cannot be taken out (RuleBroken,
    fields kind and options).
    """
    row = _locked(store_id, by).get(code)
    if row is not None and row.is_custom:
        _check_own(row, values)
    _set(row, store_id, values, seen, by)


@transaction.atomic
def add_field(store: Store, values: Mapping[str, Any], *, by: Employee) -> ProfileField:
    """Add a field of the store's own; refuses the one after rules.MOST_OWN."""
    rows = _locked(store.pk, by)
    _check_room(rows.values())
    if any(row.label_zh == values["label_zh"] for row in rows.values() if row.is_on):
        raise RuleBroken(_("There is a field of this name already."), code="field_twice", field="label_zh")
    _check_options(values.get("kind", rules.TEXT), values.get("options", []))
    row = ProfileField(
        store=store, code=_next_code(store), group=Group.OWN, is_custom=True, position=_OWN_POSITION + len(rows),
        **{name: value for name, value in values.items() if name in (*SWITCHES, *OWN)},
    )  # fmt: skip
    row.save(force_insert=True)
    trail.record(by, "profile_field.added", row, field=row.code)
    return row


@transaction.atomic
def reset_field(store_id: int, code: str, *, by: Employee) -> None:
    """Let the company's row of a field hold in a store again; a store's own field has none to fall back on."""
    row = _locked(store_id, by).get(code)
    if row is not None and row.store_id == store_id and not row.is_custom:
        trail.record(by, "profile_field.reset", row, field=code)
        row.delete()


def _locked(store_id: int | None, by: Employee) -> dict[str, ProfileField]:
    """The fields that hold for a store or the company, while nobody else changes fields there."""
    Store.objects.select_for_update(no_key=True).get(pk=store_id or by.store_id)
    rows = profile.in_force(store_id) if store_id else ProfileField.objects.filter(store=None).select_for_update()
    return {row.code: row for row in rows}


def _set(
    row: ProfileField | None, store_id: int | None, values: Mapping[str, Any], seen: Mapping[str, str], by: Employee
) -> list[str]:
    """Write what differs, into the store's own row where the company's is not what is set; gives the names."""
    if row is None:
        raise RuleBroken(_("This field is not there any more. Open the page again."), code="field_gone")
    allowed = (*SWITCHES, *OWN) if row.is_custom else SWITCHES
    wanted = {name: value for name, value in values.items() if name in allowed}
    _check_switches(row, wanted)
    before = {name: getattr(row, name) for name in wanted}
    try:
        changed = editing.put(row, wanted, seen)
    except editing.Overlap as overlap:
        raise editing.Overlap({f"{name}_{row.code}": text for name, text in overlap.standing.items()}) from overlap
    if not changed:
        return []
    if row.is_custom and "is_on" in changed and row.is_on:
        _check_room(profile.in_force(row.store_id or 0))
    if row.store_id != store_id:
        row.pk, row.store_id, row._state.adding = None, store_id, True
        row.save(force_insert=True)
    else:
        row.version += 1
        row.save(update_fields=[*changed, "version"])
    detail: dict[str, Any] = {name: (before[name], getattr(row, name)) for name in changed if name != "options"}
    trail.record(by, "profile_field.changed", row, field=row.code, names=changed, **detail)
    return changed


def _check_switches(row: ProfileField, wanted: Mapping[str, Any]) -> None:
    if wanted.get("ask_position") is not None and row.column in NOT_ASKABLE:
        text = _("“%(field)s” follows from other pages of the card; it cannot be asked in a call.")
        raise RuleBroken(text % {"field": row.label}, code="not_askable", field=f"ask_position_{row.code}")


def _check_room(rows: Iterable[ProfileField]) -> None:
    own = sum(row.is_custom and row.is_on for row in rows)
    if own >= rules.MOST_OWN:
        text = _("A store has at most %(most)d fields of its own. Retire one that is no longer needed, then add this.")
        raise RuleBroken(text % {"most": rules.MOST_OWN}, code="too_many_fields")


def _check_own(row: ProfileField, values: Mapping[str, Any]) -> None:
    """A field in which values stand keeps its kind, and the options that stand somewhere."""
    kind, options = values.get("kind", row.kind), values.get("options", row.options)
    standing = ProfileValue.objects.filter(store=row.store, field=row.code)
    if kind != row.kind and standing.exists():
        text = _("Facts have been entered in this field, so it keeps its kind. Retire it and add another one.")
        raise RuleBroken(text, code="kind_kept", field="kind")
    _check_options(kind, options)
    gone = {one["code"] for one in row.options} - {one["code"] for one in options}
    used = standing.filter(value__in=gone).order_by("value").values_list("value", flat=True).first()
    if used is not None:
        label = dict(profile.options_of(row)).get(used, used)
        text = _("“%(option)s” stands on cards. Keep it, or give it another wording.")
        raise RuleBroken(text % {"option": label}, code="option_used", field="options")


def _check_options(kind: str, options: Sequence[Mapping[str, str]]) -> None:
    if kind != rules.CHOICE:
        return
    labels = [option["label_zh"] for option in options]
    if len(labels) < 2:
        raise RuleBroken(_("Write at least two entries to choose from, one a line."), code="options", field="options")
    if len(labels) > MOST_OPTIONS:
        text = _("Write at most %(n)d entries.") % {"n": MOST_OPTIONS}
        raise RuleBroken(text, code="options", field="options")
    if len(set(labels)) < len(labels):
        raise RuleBroken(_("Two entries are the same. Take one out."), code="options", field="options")


def _next_code(store: Store) -> str:
    """A code that no field of the store, and no value, ever had."""
    rows = ProfileField.objects.filter(store=store, is_custom=True).values_list("code", flat=True)
    numbers = [int(found[1]) for code in rows if (found := _OWN_CODE.fullmatch(code))]
    return f"own_{max(numbers, default=0) + 1}"
