"""Takes one chunk of an import back, or says what that would do: from the journal alone, whatever the layout was.

Three classes (docs/decisions/0012): *safe* rows are deleted or restored; rows *edited since* are as a person decides,
and stay until somebody does; rows that something else *refers to* stay, with the reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet

from crm_site.core import hooks
from crm_site.imports.journal import (
    FOLLOWING,
    derived_fields,
    is_derived,
    place_columns,
    place_of,
    seal,
    stored,
    whole_of,
)
from crm_site.imports.models import AppliedChunk, ImportBatch, UndoCase

Key = tuple[str, int]
EDITED, REFERENCED = UndoCase.Kind.EDITED, UndoCase.Kind.REFERENCED


@dataclass
class Known:
    """What all chunks of a batch say together: which rows it made, and how those looked in the end."""

    made: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    #: seals of rows that a later chunk of the same batch changed once more
    seals: dict[Key, int] = field(default_factory=dict)
    #: what a person has decided of rows edited since
    decided: dict[Key, UndoCase] = field(default_factory=dict)

    @classmethod
    def of(cls, batch: ImportBatch) -> Known:
        """Read the journal of a batch, oldest chunk first."""
        known = cls()
        chunks = AppliedChunk.objects.filter(batch=batch).order_by("number")
        for created, seals in chunks.values_list("created", "seals").iterator(chunk_size=20):
            for label, keys in created.items():
                known.made[label].update(keys)
            for label, sealed in seals.items():
                own = set(created.get(label, []))
                known.seals |= {(label, int(pk)): mark for pk, mark in sealed.items() if int(pk) not in own}
        for case in UndoCase.objects.filter(batch=batch, kind=EDITED):
            known.decided[case.target_type, case.target_id] = case
        return known


@dataclass
class Plan:
    """What taking one chunk back means: keys to delete (children first), values to restore, rows to return, cases."""

    delete: dict[str, list[int]] = field(default_factory=dict)
    restore: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    back: dict[str, list[Model]] = field(default_factory=dict)
    cases: list[UndoCase] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Survey:
    """Sorts the rows of chunks, newest chunk first. Nothing is written.

    A plan looks at all chunks before the first is taken back; `gone` and `values` are what the chunks behind have
    taken back in thought. With `lock` the rows are locked, for the transaction that takes the chunk back in earnest.
    """

    def __init__(self, batch: ImportBatch, known: Known, *, lock: bool = False) -> None:
        self.batch, self.known, self.lock = batch, known, lock
        self.gone: dict[str, set[int]] = defaultdict(set)
        self.values: dict[Key, dict[str, Any]] = {}
        self.staying: set[Key] = set()

    def sort(self, chunk: AppliedChunk) -> Plan:
        """Sort the rows of one chunk."""
        plan = Plan()
        for label, rows in chunk.updated.items():
            self._sort_changed(plan, label, rows)
        for label in children_first(chunk.created):
            self._sort_made(plan, label, chunk)
        for label in reversed(plan.delete):  # a contact before its phones
            self._keep_parts(plan, apps.get_model(label))
        for label, lost in chunk.removed.items():
            self._sort_removed(plan, label, lost)
        return plan

    # ---- rows that were changed -------------------------------------------------------------------------------------

    def _sort_changed(self, plan: Plan, label: str, rows: Mapping[str, Mapping[str, list[Any]]]) -> None:
        mine = {int(pk): fields for pk, fields in rows.items() if int(pk) not in self.known.made[label]}
        model = apps.get_model(label)
        standing = self._fetch(model, mine)
        plan.counts["missing"] += len(mine) - len(standing)
        restore = plan.restore.setdefault(label, {})
        for pk, row in standing.items():
            now = {name: self._now(row, label, name) for name in mine[pk]}
            if self._may_restore(plan, row, mine[pk], now):
                restore[pk] = _restored(mine[pk], now)
        for pk in self._pointing_nowhere(model, restore):
            del restore[pk]
            self._stay(plan, standing[pk], REFERENCED, {"gone": True})
        for pk, values in restore.items():
            self.values.setdefault((label, pk), {}).update(values)

    def _now(self, row: Model, label: str, name: str) -> Any:
        """The value that stands, or that will stand once the chunks behind are taken back."""
        return self.values.get((label, row.pk), {}).get(name, stored(row, name, getattr(row, name)))

    def _may_restore(self, plan: Plan, row: Model, fields: Mapping[str, list[Any]], now: Mapping[str, Any]) -> bool:
        ignored = FOLLOWING | derived_fields(type(row))
        edited = {
            name: [before, after, now[name]]
            for name, (before, after) in fields.items()
            if name not in ignored and now[name] != after
        }
        return not edited or self._is_given_up(plan, row, edited)

    def _is_given_up(self, plan: Plan, row: Model, detail: dict[str, Any]) -> bool:
        """Whether a person has decided to undo this very edit; else the row stays and is listed."""
        label = row._meta.label_lower
        case = self.known.decided.get((label, row.pk))
        if case and case.decision == UndoCase.Decision.RESTORE and case.detail == detail:
            return True
        self._stay(plan, row, EDITED, detail)
        return False

    def _stay(self, plan: Plan, row: Model, kind: str, detail: dict[str, Any]) -> None:
        """List a row that stays, once, however many chunks have touched it."""
        key = (row._meta.label_lower, row.pk)
        if key not in self.staying:
            self.staying.add(key)
            plan.cases.append(_case(self.batch, row, kind, detail))

    # ---- rows that gave way to others -------------------------------------------------------------------------------

    def _sort_removed(self, plan: Plan, label: str, lost: Mapping[str, Mapping[str, Any]]) -> None:
        """A row that gave way returns where its place is free again; one in whose place another stands does not."""
        model = apps.get_model(label)
        rows = [_built(model, values) for values in lost.values()]
        there = set(model._base_manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
        rows = [row for row in rows if row.pk not in there]
        nowhere = self._pointing_nowhere(model, {row.pk: vars(row) for row in rows})
        taken = self._taken(model, rows)
        for row in rows:
            if row.pk in nowhere:
                self._stay(plan, row, REFERENCED, {"gone": True})
            elif place_of(row) in taken:
                self._stay(plan, row, REFERENCED, {"clash": True})
            else:
                plan.back.setdefault(label, []).append(row)

    def _taken(self, model: type[Model], rows: list[Model]) -> set[tuple[Any, ...]]:
        """The places among those of some rows at which others stand, and stay."""
        wanted = {place_of(row) for row in rows} - {()}
        if not wanted:
            return set()
        columns = list(place_columns(model))
        near = model._base_manager.filter(**{f"{columns[0]}__in": {place[0] for place in wanted}})
        standing = near.values_list("pk", *columns)
        return {tuple(place) for pk, *place in standing if pk not in self.gone[model._meta.label_lower]}

    def _pointing_nowhere(self, model: type[Model], values: Mapping[int, Mapping[str, Any]]) -> set[int]:
        """Rows whose old values point to a row that is gone: {key: values} → keys."""
        found: set[int] = set()
        for column in _foreign_keys(model):
            other, name = column.related_model, column.attname
            wanted = {pk: fields[name] for pk, fields in values.items() if fields.get(name) is not None}
            if wanted:
                there = set(other._base_manager.filter(pk__in=set(wanted.values())).values_list("pk", flat=True))
                there -= self.gone[other._meta.label_lower]
                found |= {pk for pk, key in wanted.items() if key not in there}
        return found

    # ---- rows that were made ----------------------------------------------------------------------------------------

    def _sort_made(self, plan: Plan, label: str, chunk: AppliedChunk) -> None:
        model = apps.get_model(label)
        standing = self._fetch(model, chunk.created[label])
        plan.counts["missing"] += len(chunk.created[label]) - len(standing)
        free = {pk: row for pk, row in standing.items() if self._is_untouched(plan, row, chunk.seals.get(label, {}))}
        while held := self._references(model, list(free), free):
            for pk, by in held.items():
                self._stay(plan, free.pop(pk), REFERENCED, {"by": by})
        plan.delete[label] = list(free)
        self.gone[label].update(free)

    def _keep_parts(self, plan: Plan, model: type[Model]) -> None:
        """Leave the parts of a row that stays: a customer without a phone, a car without an owner help nobody.

        Only parts whose whole this import made; and never one that points to a row which goes.
        """
        column = whole_of(model)
        if not column:
            return
        label = model._meta.label_lower
        pointers = {one.attname: one.related_model._meta.label_lower for one in _foreign_keys(model)}
        made = self.known.made[pointers[column]]
        wholes = [key for kind, key in self.staying if kind == pointers[column] and key in made]
        parts = model._base_manager.filter(pk__in=plan.delete[label], **{f"{column}__in": wholes}) if wholes else ()
        for row in parts:
            if not any(getattr(row, name) in self.gone[other] for name, other in pointers.items()):
                plan.delete[label].remove(row.pk)
                self.gone[label].discard(row.pk)

    def _is_untouched(self, plan: Plan, row: Model, seals: Mapping[str, int]) -> bool:
        key = (row._meta.label_lower, row.pk)
        now = seal(row)
        return now == self.known.seals.get(key, seals.get(str(row.pk))) or self._is_given_up(plan, row, {"seal": now})

    def _references(self, model: type[Model], keys: list[int], going: Mapping[int, Model]) -> dict[int, dict[str, int]]:
        """Rows that something refers to which stays: {key: {model label of the referrer: how many}}."""
        found: dict[int, Counter[str]] = defaultdict(Counter)
        for other, column in referrers(model):
            label = other._meta.label_lower
            rows = other._base_manager.filter(**{f"{column}__in": keys}).values_list(column, "pk")
            for key, pk in rows:
                is_going = pk in self.gone[label] or (other is model and pk in going)
                if not is_going and self.values.get((label, pk), {}).get(column, key) == key:
                    found[key][label] += 1
        return {key: dict(by) for key, by in found.items()}

    def _fetch(self, model: type[Model], keys: Iterable[int]) -> dict[int, Model]:
        rows: QuerySet[Any] = model._base_manager.filter(pk__in=list(keys)).order_by("pk")
        return {row.pk: row for row in (rows.select_for_update() if self.lock else rows)}


def referrers(model: type[Model]) -> list[tuple[type[Model], str]]:
    """Every table and column that points to a model's rows, also without a way back; derived ones left out."""
    related: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    return [
        (one.related_model, one.field.attname)
        for one in related
        if one.auto_created and not one.concrete and (one.one_to_many or one.one_to_one)
        if not is_derived(one.related_model) and one.field.name not in derived_fields(one.related_model)
    ]


def _foreign_keys(model: type[Model]) -> list[Any]:
    """The columns of a model that point to other rows."""
    columns: Iterable[Any] = model._meta.concrete_fields
    return [column for column in columns if column.many_to_one or column.one_to_one]


def children_first(labels: Iterable[str]) -> list[str]:
    """Models in an order in which each stands before those that it points to (the engine's JSON keeps no order)."""
    waiting = {
        label: {other._meta.label_lower for other, _column in referrers(apps.get_model(label))} for label in labels
    }
    ordered: list[str] = []
    while waiting:
        free = [label for label, by in waiting.items() if not by & (waiting.keys() - {label})]
        for label in sorted(free or waiting):  # a circle is broken anywhere: what still refers keeps its row
            ordered.append(label)
            del waiting[label]
    return ordered


def _restored(fields: Mapping[str, list[Any]], now: Mapping[str, Any]) -> dict[str, Any]:
    """The old values; columns that only follow go back if nobody has moved them on, a version never repeats."""
    ignored = {name for name in fields if name in FOLLOWING and now[name] != fields[name][1]}
    back = {name: before for name, (before, _after) in fields.items() if name not in ignored}
    if "version" in ignored:
        back["version"] = now["version"] + 1
    if "source_values" in ignored:
        back["source_values"] = _unsaid(*fields["source_values"], now["source_values"])
    return back


def _unsaid(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What imports have said, without what this one has: what a later one said stands.

    Else the file brought again after the undo would be taken for what is known already, and nothing would come of it.
    """
    mine = {name for name, value in after.items() if before.get(name) != value and now.get(name) == value}
    kept = {name: value for name, value in now.items() if name not in mine}
    return kept | {name: before[name] for name in mine if name in before}


def _case(batch: ImportBatch, row: Model, kind: str, detail: dict[str, Any]) -> UndoCase:
    sheet, number = getattr(row, "sheet", ""), getattr(row, "row", None)
    is_own = getattr(row, "batch_id", None) == batch.pk
    return UndoCase(
        batch=batch, target_type=row._meta.label_lower, target_id=row.pk, kind=kind, detail=detail,
        sheet=sheet if is_own else "", row=number if is_own else None,
    )  # fmt: skip


# ---- in earnest -----------------------------------------------------------------------------------------------------


def take_back(batch: ImportBatch, chunk: AppliedChunk, known: Known) -> Plan:
    """Take one chunk back inside the caller's transaction; gives what was done and which rows stayed."""
    plan = Survey(batch, known, lock=True).sort(chunk)
    touched = {label: list(keys) for label, keys in plan.delete.items()}
    for label, changed in plan.restore.items():
        touched.setdefault(label, []).extend(changed)
    afterwards: list[Callable[[], None]] = [prepare(touched) for prepare in hooks.load("AROUND_UNDO")]
    for label, keys in plan.delete.items():
        _delete(apps.get_model(label), keys)
    for label, values in plan.restore.items():
        _restore(batch, plan, apps.get_model(label), values)
    for label, rows in plan.back.items():
        _bring_back(batch, plan, apps.get_model(label), rows)
    for follow in afterwards:
        follow()
    return plan


def _delete(model: type[Model], keys: list[int]) -> None:
    """Delete rows that nothing refers to, and what is derived from them; one statement a table."""
    related: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    for one in related:
        if one.auto_created and not one.concrete and one.related_model and is_derived(one.related_model):
            derived = one.related_model._base_manager.filter(**{f"{one.field.attname}__in": keys})
            derived._raw_delete(derived.db)
    rows: Any = model._base_manager.filter(pk__in=keys)
    rows._raw_delete(rows.db)  # references were looked for a moment ago, under locks; the engine checks once more


def _restore(batch: ImportBatch, plan: Plan, model: type[Model], values: dict[int, dict[str, Any]]) -> None:
    """Write the old values; a row that can no longer have them (another has taken its place) stays and is listed."""
    if not values:
        return
    rows = list(model._base_manager.filter(pk__in=list(values)).order_by("pk"))
    for row in rows:
        _put(row, values[row.pk])
    names = sorted({_field_name(model, name) for fields in values.values() for name in fields})
    try:
        with transaction.atomic():
            model._base_manager.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=names)
    except IntegrityError:
        columns = {pk: [_field_name(model, name) for name in fields] for pk, fields in values.items()}
        for row in _clashing(batch, plan, rows, lambda row: row.save(update_fields=columns[row.pk])):
            del plan.restore[model._meta.label_lower][row.pk]


def _bring_back(batch: ImportBatch, plan: Plan, model: type[Model], rows: list[Model]) -> None:
    """Insert rows again that had given way, under their old keys; one that can no longer stand is listed."""
    try:
        with transaction.atomic():
            model._base_manager.bulk_create(rows)
    except IntegrityError:
        for row in _clashing(batch, plan, rows, lambda row: row.save(force_insert=True)):
            plan.back[model._meta.label_lower].remove(row)


def _clashing(batch: ImportBatch, plan: Plan, rows: Iterable[Model], save: Callable[[Model], None]) -> list[Model]:
    """Save one by one what did not go together (a clash is rare); gives and lists what does not go."""
    found = []
    for row in rows:
        try:
            with transaction.atomic():
                save(row)
        except IntegrityError:
            found.append(row)
            plan.cases.append(_case(batch, row, REFERENCED, {"clash": True}))
    return found


def _built(model: type[Model], values: Mapping[str, Any]) -> Model:
    """A row as the journal has kept it."""
    row = model()
    _put(row, values)
    return row


def _put(row: Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        column: Any = row._meta.get_field(name)
        target = column.target_field if column.is_relation else column
        setattr(row, name, value if value is None else target.to_python(value))


def _field_name(model: type[Model], name: str) -> str:
    return str(model._meta.get_field(name).name)
