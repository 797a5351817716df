"""Taking past calls over from a list: facts with their own day and author, from which nothing follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_site.imports.layout import Context, Judgement, Row
from crm_site.imports.models import Verdict
from crm_site.imports.rules import compare_values
from revisits.models import CallResult, Channel, PastCall
from revisits.past import Link, Links, natural_of
from revisits.rules.past import has_time, key_of

TARGET = "revisits.pastcall"
#: what the list calls it → the column of the same plain text
TEXTS = {
    "number": "number", "caller": "caller_name", "name": "customer_name", "plate_no": "plate_no", "vin": "vin",
    "order_number": "order_number", "kind": "kind", "channel": "channel", "result_text": "result_text",
    "score": "score_text", "words": "words", "note": "note",
}  # fmt: skip
LINKS = ("customer_id", "vehicle_id", "repair_order_id")


def compare(ctx: Context, rows: Sequence[Row]) -> list[Judgement]:
    """A verdict for each row beside what stands; a fixed number of queries."""
    links = Links(ctx.store.pk, rows)
    found = _standing_calls(ctx, rows, lock=False)
    return [_judge(row, found.get(_key(row)), links.of(row)) for row in rows]


def _key(row: Row) -> str:
    """The key as the table has it; '' for a row that has none."""
    natural = natural_of(row)
    return key_of(natural) if natural else ""


def _standing_calls(ctx: Context, rows: Sequence[Row], *, lock: bool) -> dict[str, PastCall]:
    keys = {_key(row) for row in rows}
    calls = PastCall.objects.filter(store=ctx.store, key__in=keys).select_related("result").order_by("pk")
    return {call.key: call for call in (calls.select_for_update(of=("self",)) if lock else calls)}


def _judge(row: Row, call: PastCall | None, link: Link) -> Judgement:
    if row.is_refused:
        return Judgement(row, Verdict.PROBLEM, target_type=TARGET)
    if link.customer_id is None:
        row.warn("past_nobody", "name", row.get("name") or "")
    if call is None:
        return Judgement(row, Verdict.NEW, target_type=TARGET)
    found = compare_values(_standing(call), call.source_values, said(row), row.decision)
    changes = dict(found.conflicts or found.changes)
    for name in LINKS:
        known = getattr(link, name)
        if getattr(call, name) is None and known is not None:
            changes.setdefault(name.removesuffix("_id"), [None, known])
    verdict = Verdict.CONFLICT if found.conflicts else Verdict.CHANGED if changes else Verdict.UNCHANGED
    return Judgement(row, verdict, changes, TARGET, call.pk)


def said(row: Row) -> dict[str, Any]:
    """What the list says, as plain values."""
    facts = {name: row.get(name) for name in TEXTS} | {
        "called_at": row.get("called_at").isoformat() if row.get("called_at") else None,
        "phone": (row.get("phone") or [None])[0],
        "result": row.get("result"),
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _standing(call: PastCall) -> dict[str, Any]:
    """What stands, in the same plain values; the moment is what the list said, as nobody can change it here."""
    texts = {name: getattr(call, column) for name, column in TEXTS.items()}
    result = call.result.code if call.result else None
    return texts | {"phone": call.phone, "result": result, "called_at": call.source_values.get("called_at")}


# ---- writing ---------------------------------------------------------------------------------------------------------


def save(ctx: Context, judged: Sequence[Judgement]) -> None:
    """Write new calls and those of which the list says more now; noted for undo."""
    rows = [one.row for one in judged]
    links, results = Links(ctx.store.pk, rows), _results(ctx.store.pk)
    new = sorted((one for one in judged if one.target_id is None), key=lambda one: _key(one.row))
    made = PastCall.objects.bulk_create([_new(ctx, one.row, links.of(one.row), results) for one in new])
    ctx.journal.made(made)
    for one, call in zip(new, made, strict=True):
        one.target_id = call.pk
    changed = [one.row for one in judged if one.verdict == Verdict.CHANGED]
    standing = _standing_calls(ctx, changed, lock=True)
    touched = [_change(ctx, standing[_key(row)], row, links.of(row), results) for row in changed]
    if touched:
        PastCall.objects.bulk_update(touched, _COLUMNS, batch_size=500)


_COLUMNS = [
    *TEXTS.values(), "called_on", "called_at", "phone", "by", "result", "customer", "vehicle", "repair_order",
    "source_values",
]  # fmt: skip


def _results(store_id: int) -> dict[str, CallResult]:
    """The call results by code; a store's own row replaces the company's."""
    rows = CallResult.objects.for_store(store_id)
    return {row.code: row for row in sorted(rows, key=lambda row: row.store_id or 0)}


def _new(ctx: Context, row: Row, link: Link, results: Mapping[str, CallResult]) -> PastCall:
    call = PastCall(store=ctx.store, key=_key(row), batch=ctx.batch, sheet=row.sheet, row=row.number)
    call.channel = Channel.PHONE
    _put(call, row, link, results)
    return call


def _change(ctx: Context, call: PastCall, row: Row, link: Link, results: Mapping[str, CallResult]) -> PastCall:
    columns = {field.name: field.attname for field in call._meta.concrete_fields}
    before = {columns[name]: getattr(call, columns[name]) for name in _COLUMNS}
    _put(call, row, link, results)
    ctx.journal.changed(call, {name: old for name, old in before.items() if old != getattr(call, name)})
    return call


def _put(call: PastCall, row: Row, link: Link, results: Mapping[str, CallResult]) -> None:
    """Set what the list says, what the archive knows, and the author where the roster knows the name."""
    facts = said(row)
    for name, column in TEXTS.items():
        if name in facts:
            setattr(call, column, facts[name])
    at = row.get("called_at")
    call.called_on, call.called_at = at.date(), at if has_time(at) else None
    call.phone = facts.get("phone", call.phone)
    call.by_id = row.employees.get("caller") or call.by_id
    call.result = results.get(facts.get("result", "")) or call.result
    for name in LINKS:
        setattr(call, name, getattr(call, name) or getattr(link, name))
    call.source_values = call.source_values | facts
