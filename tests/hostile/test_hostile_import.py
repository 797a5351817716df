"""T56 by import: a spreadsheet of markup in cells, titles, sheets and its name stays text on every page it reaches."""

from itertools import cycle

import pytest
from django.urls import reverse

from crm_site.imports.layout import layouts
from crm_site.imports.models import BatchState, StagedRow
from customers.models import Customer
from tests.hostile import payloads, reading
from tests.imports import sheets

pytestmark = pytest.mark.django_db

LAYOUTS = ["customers", "deliveries", "repair_orders", "complaints", "employees", "external_scores", "past_revisits"]
#: signs that a sheet's title may not have
TITLE = "<hfx onload=1>"


def checked(client, address: str, **query: str) -> str:
    """A page on which nothing became more than text."""
    answer = client.get(address, query)
    assert answer.status_code == 200, address
    assert reading.strange_in(answer.content, answer["Content-Type"]) == []
    return answer.content.decode()


def texts():
    """The payloads in turn, as a workbook can hold them: no control signs."""
    return cycle(
        "".join(sign for sign in one if sign >= " ")
        for one in [*payloads.markup(), *payloads.naughty()]
        if one < "\ud7ff"
    )


def test_every_layout_is_tried():
    assert sorted(LAYOUTS) == sorted(layouts())


@pytest.mark.parametrize("code", LAYOUTS)
def test_a_sheet_of_markup_is_shown_as_text_in_its_preview(as_, admin_a, code):
    hostile, fields = texts(), [field for field in layouts()[code].fields if field.aliases]
    header = [field.aliases[0] for field in fields]
    rows = [[next(hostile) for _field in fields] for _row in range(6)]
    content = sheets.workbook((TITLE, [[*header, "<hfx>列"], *([*row, next(hostile)] for row in rows)]))
    batch = sheets.read(admin_a, content, name="<img src=x onerror=hfx>.xlsx", layout=code)
    client, address = as_(admin_a), reverse("imports:batch", args=[batch.pk])
    shown = checked(client, address)
    for verdict in ("problem", "new", "skipped"):
        shown += checked(client, address, show=verdict)
    assert "hfx" in shown
    for row in StagedRow.objects.filter(batch=batch)[:2]:
        checked(client, reverse("imports:row", args=[batch.pk, row.pk]))
    checked(client, reverse("imports:list"))


def test_a_file_without_a_title_that_is_known_is_asked_about_in_text(as_, admin_a):
    hostile = texts()
    batch = sheets.read(admin_a, sheets.workbook((TITLE, [[next(hostile) for _ in range(9)] for _row in range(9)])))
    client = as_(admin_a)
    checked(client, reverse("imports:batch", args=[batch.pk]))
    if batch.state == BatchState.PREVIEW:
        checked(client, reverse("imports:columns", args=[batch.pk]))


def test_what_was_imported_is_text_on_the_card(as_, admin_a, manager_a):
    hostile = texts()
    wanted = [field for field in layouts()["customers"].fields if field.kind == "text"]
    header = ["客户名称", "手机", *(field.aliases[0] for field in wanted)]
    rows = [
        [f"李<hfx{n}>", f"139000012{n:02d}", *(next(hostile)[: field.max_length] for field in wanted)] for n in range(9)
    ]
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.workbook(("客户", [header, *rows])), layout="customers"))
    assert batch.state == BatchState.APPLIED
    cards = Customer.objects.filter(store=admin_a.store)
    assert cards.count() >= 5
    client = as_(manager_a)
    for card in cards:
        assert "hfx" in checked(client, reverse("customers:card", args=[card.pk]))
    checked(client, reverse("customers:list"))
