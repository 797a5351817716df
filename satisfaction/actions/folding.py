"""Folds what saves have noted into the sums, and builds the sums of a store anew from its raw answers.

Who folds or builds locks the store's row of `StoreSums`, which no save touches: two workers never add the same twice,
and people go on saving. A build works in one snapshot for some months at a time: the answers it counts and the deltas
it takes away are of the same moment, so a save beside it is either counted or keeps its delta.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from time import sleep
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Count

from crm_site.accounts.models import Store
from crm_site.core import sql
from crm_site.core.dates import Month, month_of
from satisfaction.models import Response, StoreSums, Summary, SummaryDelta
from satisfaction.queries.recount import Recount, Recounted
from satisfaction.rules import sums
from satisfaction.rules.sums import Key

#: deltas that one transaction folds, and responses that one transaction counts (about)
BATCH, AT_ONCE = 1_000, 50_000
#: how often a build is tried while somebody else folds or builds, and the seconds between
TRIES, PAUSE = 600, 0.1
NUMBERS = ("n", "total", "squares", "top", "bottom", "low")
COLUMNS = ("store", "month", "version", "dimension", "subject", "ref", "member", "part", *NUMBERS)


# ---- folding --------------------------------------------------------------------------------------------------------


def fold(store_id: int) -> int:
    """Fold every delta of a store whose sums are built; gives how many. 0 while another worker is at this store."""
    folded = 0
    while count := _fold_some(store_id):
        folded += count
        sql.let_others_write()
    return folded


@transaction.atomic
def _fold_some(store_id: int) -> int:
    built = StoreSums.objects.select_for_update(skip_locked=True).filter(store_id=store_id, built_at__isnull=False)
    if built.first() is None:
        return 0
    deltas = list(SummaryDelta.objects.filter(store_id=store_id).order_by("pk")[:BATCH])
    changes: Recounted = {}
    for delta in deltas:
        place = (store_id, delta.month, delta.version_id)
        sums.add(changes.setdefault(place, {}), sums.read(delta.entries))
    if deltas:
        _apply(changes)
        SummaryDelta.objects.filter(pk__in=[delta.pk for delta in deltas]).delete()
    return len(deltas)


def _apply(changes: Recounted) -> None:
    """Add changes to the rows that are there, write those that are not, and drop those that nothing is left of."""
    updated: list[tuple[Any, ...]] = []
    emptied: list[int] = []
    added: list[tuple[Any, ...]] = []
    for place, change in changes.items():
        known = _rows(place, change)
        for key, numbers in change.items():
            row = known.get(key)
            if row is None:
                if any(numbers):
                    added.append((*place, *key, *_columns(numbers)))
                continue
            values = _columns([a + b for a, b in zip(_numbers(row), numbers, strict=True)])
            if values[0]:
                updated.append((row.pk, *values))
            else:
                emptied.append(row.pk)
    sql.update_rows(Summary, NUMBERS, updated)
    Summary.objects.filter(pk__in=emptied).delete()
    sql.load_rows(Summary, COLUMNS, added)


def _rows(place: sums.Place, change: sums.Sums) -> dict[Key, Summary]:
    """The rows of a store, month and version that a change may touch."""
    store_id, month, version_id = place
    rows = Summary.objects.filter(store_id=store_id, month=month, version_id=version_id)
    rows = rows.filter(member__in={key.member for key in change})
    return {Key(row.dimension, row.subject, row.ref, row.member, row.part): row for row in rows}


def _columns(numbers: list[int]) -> tuple[Any, ...]:
    """Whole numbers as the table keeps them."""
    n, total, squares, *counts = numbers
    return (n, Decimal(total).scaleb(-4), Decimal(squares).scaleb(-8), *counts)


def _numbers(row: Summary) -> list[int]:
    """What a row holds in whole numbers."""
    total, squares = round(row.total * sums.UNITS), round(row.squares * sums.UNITS * sums.UNITS)
    return [row.n, total, squares, row.top, row.bottom, row.low]


# ---- building -------------------------------------------------------------------------------------------------------


def unbuilt() -> list[int]:
    """The stores whose sums nobody has built yet."""
    built = StoreSums.objects.filter(built_at__isnull=False).values("store_id")
    return list(Store.objects.exclude(pk__in=built).order_by("pk").values_list("pk", flat=True))


def unfolded() -> list[int]:
    """The stores for which deltas wait."""
    return list(SummaryDelta.objects.order_by("store_id").values_list("store_id", flat=True).distinct())


def rebuild(store_ids: Collection[int], *, now: datetime, waiting: bool = True) -> int | None:
    """Build the sums of stores from their raw answers, readable all the while; gives how many responses count.

    None, and nothing more is done, where another worker is at one of them and one does not wait for it (a minute).
    """
    for store_id in store_ids:
        StoreSums.objects.get_or_create(store_id=store_id)
    counted = 0
    for months in _portions(_months(store_ids)):
        if not _build_again(store_ids, list(months), waiting=waiting):
            return None
        counted += sum(months.values())
        sql.let_others_write()
    StoreSums.objects.filter(store_id__in=store_ids).update(built_at=now)
    return counted


def _months(store_ids: Collection[int]) -> dict[Month, int]:
    """Every month that has responses, sums or deltas, with its number of valid responses."""
    valid = Response.objects.valid().filter(store_id__in=store_ids).order_by()
    found: dict[Month, int] = {}
    for day, count in valid.values_list("called_on").annotate(Count("pk")):
        found[month_of(day)] = found.get(month_of(day), 0) + count
    for model in (Summary, SummaryDelta):
        months = model.objects.filter(store_id__in=store_ids).order_by().values_list("month", flat=True)
        for day in months.distinct():
            found.setdefault(month_of(day), 0)
    return dict(sorted(found.items()))


def _portions(months: dict[Month, int]) -> Iterator[dict[Month, int]]:
    """Months that are counted together, in order: few responses each, so that no transaction is long."""
    portion: dict[Month, int] = {}
    for month, count in months.items():
        if portion and sum(portion.values()) + count > AT_ONCE:
            yield portion
            portion = {}
        portion[month] = count
    if portion:
        yield portion


def _build_again(store_ids: Collection[int], months: list[Month], *, waiting: bool) -> bool:
    """Build some months; tried again where another worker is at the store, or was a moment ago."""
    for left in reversed(range(TRIES if waiting else 1)):
        try:
            if _build(store_ids, months):
                return True
        except OperationalError as error:
            if not left or not sql.is_collision(error):
                raise
        sleep(PAUSE if left else 0)
    return False


def _build(store_ids: Collection[int], months: list[Month]) -> bool:
    """False where another worker holds a store: who waited for the lock would see the sums as they were before."""
    with sql.one_snapshot():
        rows = StoreSums.objects.select_for_update(skip_locked=True).filter(store_id__in=store_ids).order_by("pk")
        if len(rows) < len(set(store_ids)):
            return False
        found = _recounted(store_ids, months)
        place = {"store_id__in": store_ids, "month__range": (months[0].start, months[-1].start)}
        Summary.objects.filter(**place).delete()
        SummaryDelta.objects.filter(**place).delete()
        sql.load_rows(Summary, COLUMNS, _lines(found))
    return True


def _recounted(store_ids: Collection[int], months: Iterable[Month]) -> Recounted:
    """What the raw answers say; call it in the transaction whose snapshot counts."""
    sql.favour_counting()
    found: Recounted = {}
    for month in months:
        found |= Recount(store_ids, month).run()
    return found


def _lines(found: Recounted) -> Iterable[tuple[Any, ...]]:
    for place, lines in sorted(found.items()):
        for key, numbers in sorted(lines.items()):
            yield (*place, *key, *_columns(numbers))


# ---- checking -------------------------------------------------------------------------------------------------------


def differences(store_id: int) -> list[str]:
    """Where sums and unfolded deltas together are not what the raw answers say; [] when all is right."""
    wrong: list[str] = []
    with sql.one_snapshot():
        for months in _portions(_months([store_id])):
            kept = _kept(store_id, min(months).start, max(months).start)
            raw = _recounted([store_id], months)
            for place in sorted({*kept, *raw}):
                off = sums.less(kept.get(place, {}), raw.get(place, {}))
                wrong += [_difference(place, key, off[key]) for key in sorted(off) if not _is_dust(off[key])]
    return wrong


def _kept(store_id: int, first: date, last: date) -> Recounted:
    """The sums with what is not folded, by store, month and version."""
    found: Recounted = {}
    place = {"store_id": store_id, "month__range": (first, last)}
    for row in Summary.objects.filter(**place).iterator():
        key = Key(row.dimension, row.subject, row.ref, row.member, row.part)
        found.setdefault((store_id, row.month, row.version_id), {})[key] = _numbers(row)
    for delta in SummaryDelta.objects.filter(**place).iterator():
        sums.add(found.setdefault((store_id, delta.month, delta.version_id), {}), sums.read(delta.entries))
    return found


def _is_dust(off: list[int]) -> bool:
    """Nothing but the last digits of a float's sum of squares, as SQLite keeps them."""
    return off[0] == off[1] == off[3] == off[4] == off[5] == 0 and abs(off[2]) < sums.UNITS


def _difference(place: sums.Place, key: Key, off: list[int]) -> str:
    names = " ".join(
        str(one) for one in (key.subject, key.ref, key.dimension, key.member, key.part) if one not in ("", 0)
    )
    return f"{place[1]:%Y-%m} version {place[2]} {names}: n {off[0]:+d}, total {off[1] / sums.UNITS:+.4f}"
