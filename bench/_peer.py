"""The same workbook through django-import-export, the usual library: its preview (a dry run), then the real run."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import XLSX

from crm_site.accounts.models import Store
from crm_site.core import clock
from customers import search
from customers.models import Customer, Phone, RepairOrder, Vehicle, VehicleRole

#: our fields of RepairOrder ← the titles of the workbook
FIELDS = {"bringer_name": "送修人", "complaint_text": "故障描述", "items": "维修项目", "mileage_km": "进厂里程"}
MONEY = {"labour_fee": "工时费", "parts_fee": "材料费", "total_fee": "合计金额"}


class Orders(resources.ModelResource):
    """Repair orders with their customers and cars, as its documentation shows it: looked up or made row by row."""

    order_number = Field(attribute="order_number", column_name="工单号")

    class Meta:
        model = RepairOrder
        import_id_fields = ("order_number",)
        fields = ("order_number", "store", "vehicle", "customer", "checked_in_on", "recorded_on", *FIELDS, *MONEY)
        skip_unchanged = True
        use_transactions = True

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store

    def get_queryset(self) -> Any:
        """The orders of this store."""
        return super().get_queryset().filter(store=self.store)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Find or make the customer and the car, and name the columns as the model does."""
        now = clock.now()
        customer = Customer.objects.filter(store=self.store, name=row["车主"], phones__number=row["送修人电话"]).first()
        if customer is None:
            customer = Customer.objects.create(store=self.store, name=row["车主"], created_at=now)
            Phone.objects.create(store=self.store, customer=customer, number=row["送修人电话"])
        made = {"plate_no": row["车牌"], "brand": row["品牌"], "series": row["车系"], "created_at": now}
        car, _new = Vehicle.objects.get_or_create(store=self.store, vin=row["VIN"], defaults=made)
        VehicleRole.objects.get_or_create(store=self.store, vehicle=car, customer=customer, role="owner")
        search.refresh([customer.pk])
        row |= {"store": self.store.pk, "vehicle": car.pk, "customer": customer.pk}
        row |= {"checked_in_on": row["开单时间"].date(), "recorded_on": now.date()}
        row |= {name: row[title] for name, title in (FIELDS | MONEY).items()}


def run(path: Path, store: Store) -> float:
    """Seconds for reading the workbook, for the preview and for the real run; every row must get in."""
    started = time.monotonic()
    data = XLSX().create_dataset(path.read_bytes())
    for dry in (True, False):
        result = Orders(store).import_data(data, dry_run=dry, raise_errors=True)
    seconds = time.monotonic() - started
    assert result.totals["new"] == len(data), result.totals
    return seconds
