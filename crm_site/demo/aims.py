"""What the demo stores aim at, and the views that a manager has saved and shared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from crm_site.accounts.actions import save_view
from crm_site.core.dates import month_of
from crm_site.demo.world import House, World
from satisfaction.models import Target

#: kind, figure, part -> the company's target
COMPANY = (
    ("service", "index", "", "90"),
    ("service", "very_satisfied", "", "70"),
    ("service", "nps", "", "55"),
    ("sales", "index", "", "91"),
    ("sales", "nps", "", "60"),
)
#: the same -> what the first store has set for itself
OWN = (
    ("service", "index", "", "91"),
    ("service", "index", "service_advisor", "92"),
    ("service", "index", "technicians", "90"),
    ("service", "factor:charges", "", "89"),
)
#: name, page, filters, shared with the store
VIEWS = (
    ("接待员 近三个月", "satisfaction:breakdown employee", "kind=service&part=service_advisor&span=3", True),
    ("保养客户", "satisfaction:dashboard", "job_type=scheduled&kind=service", False),
)
#: for how many months the targets have held
MONTHS = 6


def make(world: World) -> None:
    """Targets of the company and of the first store, and two views of its manager."""
    since = month_of(world.today).shift(-MONTHS).start
    house = world.houses[0]
    rows = [_target(world, None, since, line) for line in COMPANY]
    Target.objects.bulk_create(rows + [_target(world, house, since, line) for line in OWN])
    manager = house.staff["manager"][0].user
    if manager is not None:
        for name, page, query, is_shared in VIEWS:
            save_view(
                manager, store_id=house.store.pk, page=page, query=query, name=name, is_shared=is_shared, at=world.now
            )


def _target(world: World, house: House | None, since: date, line: tuple[str, str, str, str]) -> Target:
    kind, figure, part, value = line
    return Target(
        store=house.store if house else None,
        kind=kind,
        figure=figure,
        part=part,
        since=since,
        value=Decimal(value),
        set_by=house.staff["manager"][0] if house else None,
        set_at=world.now,
    )
