"""Writes down what a night counted of the archive's quality."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from customers.models import QualityFigure


@transaction.atomic
def keep(store_id: int, day: date, counts: Mapping[tuple[int | None, str], tuple[int, int]]) -> int:
    """Replace the figures of a store and day; gives how many there are. Safe to run again."""
    QualityFigure.objects.filter(store_id=store_id, day=day).delete()
    rows = [
        QualityFigure(store_id=store_id, day=day, employee_id=employee, item=item, good=good, total=total)
        for (employee, item), (good, total) in counts.items()
    ]
    QualityFigure.objects.bulk_create(rows, batch_size=1000)
    return len(rows)
