"""Points everything that hangs on one card to another one, table by table; a row whose twin is there gives way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, Model, QuerySet

from crm_site.privacy.actions.notes import Notes
from crm_site.privacy.actions.twins import unite
from crm_site.privacy.relations import Fate, Relation, of_customers, referrers
from crm_site.privacy.rules import merging as rules
from customers.models import Phone, ProfileValue, SearchToken


class Mover:
    """Moves the rows of `merged` to `survivor`; both cards are locked, and all is noted."""

    def __init__(self, survivor_id: int, merged_id: int, chosen: Mapping[str, str], notes: Notes) -> None:
        self.survivor_id, self.merged_id = survivor_id, merged_id
        self.chosen, self.notes = chosen, notes

    def move_all(self) -> None:
        """Every table in its turn."""
        for relation in of_customers():
            if relation.rule.fate is Fate.TWIN:
                self._settle_twins(relation)
            if relation.rule.fate in (Fate.TWIN, Fate.MOVE):
                last = self._last_rank() if relation.model is Phone else 0
                keys = self._move(relation)
                if relation.model is Phone:
                    self._rank_behind(keys, last)
        SearchToken.objects.filter(customer_id=self.merged_id).delete()

    def _rows(self, relation: Relation, card_id: int) -> QuerySet[Any]:
        return relation.model._base_manager.filter(**{relation.column: card_id}).order_by("pk")

    def _move(self, relation: Relation) -> list[int]:
        rows = self._rows(relation, self.merged_id)
        keys = list(rows.select_for_update().values_list("pk", flat=True))
        self._point(relation.model, relation.column, keys, self.merged_id, self.survivor_id)
        return keys

    def _point(self, model: type[Model], column: str, keys: list[int], old: int, new: int) -> None:
        if keys:
            self.notes.moved(model, column, keys, old=old, new=new)
            model._base_manager.filter(pk__in=keys).update(**{column: new})

    # ---- twins ------------------------------------------------------------------------------------------------------

    def _settle_twins(self, relation: Relation) -> None:
        rule = relation.rule

        def same(row: Any) -> tuple[Any, ...]:
            return tuple(getattr(row, name) for name in rule.twin)

        def known(card_id: int) -> dict[tuple[Any, ...], Any]:
            rows = self._rows(relation, card_id).filter(**dict(rule.standing))
            return {same(row): row for row in reversed(rows.select_for_update())}

        own = known(self.survivor_id)
        for key, row in sorted(known(self.merged_id).items(), key=lambda item: item[1].pk):
            if key in own:
                self._unite(relation, own[key], row)

    def _unite(self, relation: Relation, own: Any, other: Any) -> None:
        """One of two twins stays and takes over what points to the other, and what it alone knows."""
        stays, goes = (other, own) if self._prefers_other(own) else (own, other)
        for model, column in referrers(type(goes)):
            keys = list(model._base_manager.filter(**{column: goes.pk}).order_by("pk").values_list("pk", flat=True))
            self._point(model, column, keys, goes.pk, stays.pk)
        with self.notes.watching(relation.model._base_manager.filter(pk=stays.pk)):
            values = unite(stays, goes)
            if values:
                relation.model._base_manager.filter(pk=stays.pk).update(**values)
        self.notes.dropped(goes)
        relation.model._base_manager.filter(pk=goes.pk).delete()

    def _prefers_other(self, own: Any) -> bool:
        """Whether it was chosen that the merged card's value of a fact holds."""
        is_fact = isinstance(own, ProfileValue)
        return is_fact and self.chosen.get(f"{rules.PROFILE}{own.field}") == rules.MERGED

    # ---- numbers ----------------------------------------------------------------------------------------------------

    def _last_rank(self) -> int:
        rows = Phone.objects.filter(customer_id=self.survivor_id).order_by()
        return rows.aggregate(last=Max("rank"))["last"] or 0

    def _rank_behind(self, keys: list[int], last: int) -> None:
        """The numbers that came along are dialled after those that were there."""
        came = Phone.objects.filter(pk__in=keys)
        with self.notes.watching(came):
            for place, key in enumerate(came.order_by("rank", "pk").values_list("pk", flat=True), start=1):
                Phone.objects.filter(pk=key).update(rank=last + place)
