"""The list of customers as a file: which columns it may have, and its rows as this person may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import clock, masking, xlsx
from customers import filtering
from customers.models import Customer, Phone, VehicleRole

#: customers read at once
CHUNK = 500


@dataclass(frozen=True)
class ListColumn:
    """One column that may be chosen; `fact` is masked unless the list is in full (customers.sight.FACTS)."""

    label: str | Promise
    value: Callable[[Any], Any]
    fact: str = ""
    kind: str = "text"
    width: float | None = None
    is_usual: bool = False


def _phones(row: Any) -> list[str]:
    return [phone.number for phone in row.known_phones]


def _car(name: str) -> Callable[[Any], Any]:
    """Of every present car, in the order of the card."""
    return lambda row: [text for role in row.present_roles if (text := getattr(role.vehicle, name))]


def _latest(name: str) -> Callable[[Any], date | None]:
    return lambda row: max((day for role in row.present_roles if (day := getattr(role.vehicle, name))), default=None)


def _birthday(row: Any) -> list[str]:
    return [row.birthday.isoformat()] if row.birthday else []


def _consent(row: Any) -> str:
    return "" if row.marketing_consent is None else _("yes") if row.marketing_consent else _("no")


#: what may stand in the file, in this order
COLUMNS: dict[str, ListColumn] = {
    "number": ListColumn(gettext_lazy("Customer number"), lambda row: row.number, is_usual=True),
    "name": ListColumn(gettext_lazy("Name"), lambda row: row.name, is_usual=True),
    "customer_type": ListColumn(gettext_lazy("Customer type"), lambda row: row.get_customer_type_display()),
    "phone": ListColumn(gettext_lazy("Phone"), lambda row: _phones(row)[:1], "phone", is_usual=True),
    "phones": ListColumn(gettext_lazy("Further numbers"), lambda row: _phones(row)[1:], "phone", width=24),
    "sex": ListColumn(gettext_lazy("Sex"), lambda row: row.get_sex_display(), width=8),
    "birthday": ListColumn(gettext_lazy("Birthday"), _birthday, "birthday"),
    "city": ListColumn(gettext_lazy("City"), lambda row: row.city),
    "address": ListColumn(gettext_lazy("Address"), lambda row: [row.address], "address", width=36),
    "email": ListColumn(gettext_lazy("E-mail"), lambda row: [row.email], "email", width=24),
    "value_class": ListColumn(gettext_lazy("Value class"), lambda row: row.get_value_class_display(), is_usual=True),
    "loyalty_class": ListColumn(gettext_lazy("After-sales class"), lambda row: row.get_loyalty_class_display()),
    "lifecycle": ListColumn(gettext_lazy("Lifecycle"), lambda row: row.get_lifecycle_display()),
    "plate_no": ListColumn(gettext_lazy("Plate"), lambda row: " / ".join(_car("plate_no")(row)), is_usual=True),
    "vin": ListColumn("VIN", _car("vin"), "vin", width=22),
    "series": ListColumn(gettext_lazy("Series"), lambda row: " / ".join(_car("series")(row)), is_usual=True),
    "last_visit_on": ListColumn(gettext_lazy("Last visit"), _latest("last_visit_on"), kind="date", is_usual=True),
    "insurance_until": ListColumn(gettext_lazy("Insurance end"), _latest("insurance_until"), kind="date"),
    "marketing_consent": ListColumn(gettext_lazy("Agrees to marketing calls"), _consent),
    "source": ListColumn(gettext_lazy("Source"), lambda row: row.source),
    "created_at": ListColumn(gettext_lazy("Card made"), lambda row: clock.business_day(row.created_at), kind="date"),
}  # fmt: skip


def rows_for(store_id: int, query: Mapping[str, str], *, today: date) -> QuerySet[Customer]:
    """The customers of a store that the list's filters leave; restricted cards never leave the house in a list."""
    rows = Customer.objects.standing().filter(store_id=store_id, restricted=False, anonymised_on=None)
    return filtering.narrow(rows, query, today=today, stores=[store_id])


def lines(rows: QuerySet[Customer], codes: Sequence[str], *, in_full: bool) -> Iterator[list[Any]]:
    """The chosen columns of every customer, newest first; read in pieces, so that memory stays small."""
    columns = [COLUMNS[code] for code in COLUMNS if code in codes]
    roles = VehicleRole.objects.filter(until=None, contact=None).select_related("vehicle").order_by("pk")
    loaded = rows.order_by("-created_at", "-pk").prefetch_related(
        Prefetch("phones", Phone.objects.filter(bad_since=None, contact=None).order_by("rank", "pk"), "known_phones"),
        Prefetch("vehicle_roles", roles, "present_roles"),
    )
    for row in loaded.iterator(chunk_size=CHUNK):
        yield [_said(column, row, in_full) for column in columns]


def _said(column: ListColumn, row: Any, in_full: bool) -> Any:
    value = column.value(row)
    if not column.fact:
        return value
    texts = [text for text in value or () if text]
    return " / ".join(texts if in_full else (masking.fact(column.fact, text) for text in texts))


def content(
    codes: Sequence[str], rows: Sequence[Sequence[Any]], *, file_format: str, mark: str, now: datetime
) -> bytes:
    """The file: a workbook for paper too, or CSV; the watermark is its first and its last line."""
    columns = [xlsx.Column(str(one.label), one.kind, one.width) for code, one in COLUMNS.items() if code in codes]
    if file_format == "csv":
        blank = [""] * (len(columns) - 1)
        body = [[column.title for column in columns], *rows, [mark, *blank]]
        return xlsx.csv_bytes([mark, *blank], body)
    sheet = xlsx.Sheet(_("Customers"), columns, rows, for_paper=True, watermark=mark)
    return xlsx.workbook_bytes([sheet], created=now, title=_("Customers"), description=mark)
