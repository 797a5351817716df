"""Taking external results over from a list: their scale, what has changed, and the rows themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet

from crm_site.imports.layout import Context, Judgement, Row
from crm_site.imports.models import Verdict
from crm_site.imports.rules import compare_values
from satisfaction.models import ExternalResult
from satisfaction.rules.external import SCALES, Period, out_of_100, parse_period, scale_told_by

TARGET = "satisfaction.externalresult"
#: what the file calls it → the column that keeps it as the survey says it
COLUMNS = {
    "score": "raw_score", "scale": "scale", "sample": "sample", "regional_mean": "raw_mean", "rank": "rank",
    "rank_of": "rank_of",
}  # fmt: skip
_SCALES = frozenset(map(str, SCALES))
_THOUSANDTH = Decimal("0.001")

NaturalKey = tuple[str, str, str]


def shortest(number: Decimal) -> str:
    """A number as text without needless zeros, to three decimals: 86.3, 863."""
    return f"{number.quantize(_THOUSANDTH).normalize():f}"


# ---- which scale -----------------------------------------------------------------------------------------------------


def settle_scales(ctx: Context, rows: Sequence[Row]) -> None:
    """Fill in the scale of rows that do not say it: as a person has said of the survey, as its other rows or its
    earlier results say, or as scores above 100 leave no doubt.

    Else it is asked, once for each survey, and the row is refused meanwhile: 86 may be of 100 or of 1000. One query.
    """
    silent = [row for row in rows if not row.is_refused and not row.get("scale")]
    if not silent:
        return
    stated: dict[Any, set[int]] = defaultdict(set)
    scores: dict[Any, list[Decimal]] = defaultdict(list)
    for row in rows:
        if row.get("scale"):
            stated[row.get("survey")].add(int(row.get("scale")))
        scores[row.get("survey")] += [each for each in (row.get("score"), row.get("regional_mean")) if each is not None]
    for survey, known in _known_scales(ctx.store.pk, {row.get("survey") for row in silent}):
        stated[survey].add(known)
    said = ctx.batch.answers.get("values", {}).get("scale", {})
    for row in silent:
        survey = row.get("survey")
        scale = _one_of(stated[survey]) if stated[survey] else scale_told_by(scores[survey])
        if said.get(survey) in _SCALES:
            row.values["scale"] = said[survey]
        elif scale is None:
            row.problem("scale_unclear", "scale", survey, asks=True)
        else:
            row.values["scale"] = str(scale)
            row.mended("scale_told", "scale", "", new=str(scale))


def _one_of(scales: set[int]) -> int | None:
    """The only one; None where several are stated."""
    return next(iter(scales)) if len(scales) == 1 else None


def _known_scales(store_id: int, surveys: set[str | None]) -> Iterable[tuple[str, int]]:
    """The scales that earlier results of these surveys had."""
    known = ExternalResult.objects.filter(store_id=store_id, survey__in=surveys - {None}).order_by()
    return known.values_list("survey", "scale").distinct()


# ---- what has changed ------------------------------------------------------------------------------------------------


def compare(store_id: int, rows: Sequence[Row]) -> list[Judgement]:
    """A verdict for each row beside what stands; one query."""
    found = {_key_of(result): result for result in _results(store_id, rows)}
    return [_judge(row, found.get(_key(row))) for row in rows]


def _results(store_id: int, rows: Iterable[Row]) -> QuerySet[ExternalResult]:
    surveys = {row.get("survey") for row in rows} - {None}
    periods = {row.get("period") for row in rows} - {None}
    return ExternalResult.objects.filter(store_id=store_id, survey__in=surveys, period__in=periods).order_by("pk")


def _key(row: Row) -> NaturalKey:
    return row.get("survey") or "", row.get("period") or "", row.get("factor") or ""


def _key_of(result: ExternalResult) -> NaturalKey:
    return result.survey, result.period, result.factor


def _said(row: Row) -> dict[str, Any]:
    """What the file says, as plain values."""
    said = {name: row.get(name) for name in COLUMNS}
    said |= {name: int(said[name]) for name in ("scale", "rank") if said[name]}
    said |= {name: shortest(said[name]) for name in ("score", "regional_mean") if said[name] is not None}
    return {name: value for name, value in said.items() if value is not None}


def _judge(row: Row, result: ExternalResult | None) -> Judgement:
    if row.is_refused:
        return Judgement(row, Verdict.PROBLEM, target_type=TARGET)
    if result is None:
        return Judgement(row, Verdict.NEW, target_type=TARGET)
    found = compare_values(_standing(result), result.source_values, _said(row), row.decision)
    verdict = Verdict.CHANGED if found.changes else Verdict.UNCHANGED
    if found.conflicts:  # nobody can edit them here; kept for whoever may some day
        verdict = Verdict.CONFLICT
    return Judgement(row, verdict, found.conflicts or found.changes, TARGET, result.pk)


def _standing(result: ExternalResult) -> dict[str, Any]:
    """What stands, in the plain values of the file."""
    values = {name: getattr(result, column) for name, column in COLUMNS.items()}
    return {name: shortest(value) if isinstance(value, Decimal) else value for name, value in values.items()}


# ---- writing ---------------------------------------------------------------------------------------------------------


def save(ctx: Context, judged: Sequence[Judgement]) -> None:
    """Write new results and those that changed, in the engine's transaction; noted for undo."""
    new = [one for one in judged if one.target_id is None]
    made = ExternalResult.objects.bulk_create([_new(ctx, one.row) for one in new])
    ctx.journal.made(made)
    for one, result in zip(new, made, strict=True):
        one.target_id = result.pk
    changed = {one.target_id: one for one in judged if one.verdict == Verdict.CHANGED and one.target_id}
    standing = ExternalResult.objects.select_for_update().filter(pk__in=list(changed)).order_by("pk")
    touched = [_change(ctx, result, changed[result.pk].row) for result in standing]
    fields = ["raw_score", "scale", "score", "sample", "raw_mean", "regional_mean", "rank", "rank_of", "source_values"]
    if touched:
        ExternalResult.objects.bulk_update(touched, fields, batch_size=500)


def _new(ctx: Context, row: Row) -> ExternalResult:
    survey, code, factor = _key(row)
    period = cast(Period, parse_period(code))  # the layout has read it
    result = ExternalResult(
        store=ctx.store, survey=survey, period=code, first_day=period.first, last_day=period.last, factor=factor,
        batch=ctx.batch, sheet=row.sheet, row=row.number,
    )  # fmt: skip
    _put(result, _said(row))
    return result


def _change(ctx: Context, result: ExternalResult, row: Row) -> ExternalResult:
    names = (*COLUMNS.values(), "score", "regional_mean", "source_values")
    before = {name: getattr(result, name) for name in names}
    _put(result, _said(row))
    ctx.journal.changed(result, {name: old for name, old in before.items() if old != getattr(result, name)})
    return result


def _put(result: ExternalResult, said: dict[str, Any]) -> None:
    """Set what the file says, and both numbers out of 100."""
    for name, value in said.items():
        setattr(result, COLUMNS[name], Decimal(value) if name in ("score", "regional_mean") else value)
    result.score = out_of_100(result.raw_score, result.scale)
    result.regional_mean = None if result.raw_mean is None else out_of_100(result.raw_mean, result.scale)
    result.source_values = result.source_values | said
