"""5,000 rows with 500 planted faults of ten kinds: exactly those are reported, each at its place with its reason."""

import pytest

from crm_site.core import vins
from crm_site.imports import wording
from crm_site.imports.models import StagedRow, Verdict
from customers.layouts import CUSTOMERS
from customers.models import Customer, Vehicle
from tests.imports import nasty, sheets

pytestmark = pytest.mark.django_db
HEADER = ["客户编号", "客户名称", "手机", "车架号(VIN)", "车型", "详细地址"]
ROWS, EACH = 5_000, 50
FIRST_VIN = "LSVAM4187C2"


def vin(number: int) -> str:
    """A VIN with a right check digit."""
    bare = f"{FIRST_VIN}{number:06d}"
    return bare[:8] + vins.check_digit(bare) + bare[9:]


def person(number: int) -> list:
    family = "赵钱孙李周吴郑王冯陈"[number % 10]
    given = "一二三四五六七八九十"[number // 10 % 10] + "伟芳娜敏静丽强磊军洋"[number // 100 % 10]
    return [f"K{number:06d}", family + given, f"138{number:08d}", vin(number), "途观L", f"渝北区{number}号"]


def spoilt(kind: int, cells: list, number: int) -> list:
    """The row with a fault of one of ten kinds."""
    place, value = [
        (1, None), (2, "没有电话"), (2, "1380013"), (2, "1.38E+10"), (3, vin(number)[:-1]), (3, vin(number)[:-1] + "O"),
        (3, 12345678901234567), (0, 20261121001234567890), (1, nasty.error("#N/A")), (3, vin(1)),
    ][kind]  # fmt: skip
    return [*cells[:place], value, *cells[place + 1 :]]


FAULTS = [
    ("required", "name"), ("phone_letters", "phone"), ("phone_length", "phone"), ("phone_rounded", "phone"),
    ("vin_length", "vin"), ("vin_characters", "vin"), ("vin_rounded", "vin"), ("number_rounded", "number"),
    ("cell_error", "name"), ("key_twice", ""),
]  # fmt: skip


def test_exactly_the_planted_faults_are_reported_and_the_others_taken(admin_a):
    step = ROWS // (EACH * len(FAULTS))
    planted, rows = {}, []
    for number in range(1, ROWS + 1):
        cells = person(number)
        if number % step == 0:
            kind = number // step % len(FAULTS)
            planted[number + 1] = FAULTS[kind]  # below the header
            cells = spoilt(kind, cells, number)
        rows.append(cells)
    batch = sheets.read(admin_a, nasty.book([HEADER, *rows]), name="客户.xlsx")
    found = {
        row.row: [(one["code"], one["field"]) for one in row.findings if one["severity"] == "problem"]
        for row in StagedRow.objects.filter(batch=batch, verdict=Verdict.PROBLEM)
    }
    assert len(planted) == EACH * len(FAULTS)
    assert found == {row: [fault] for row, fault in planted.items()}
    assert batch.counts["new"] == ROWS - len(planted)
    told = StagedRow.objects.filter(batch=batch, verdict=Verdict.PROBLEM).order_by("row")
    for row in told[:20]:
        assert row.sheet == "表"
        for one in row.findings:
            assert any("\u4e00" <= sign <= "\u9fa5" for sign in wording.reason(one)), one
            assert not one["field"] or wording.field_label(CUSTOMERS, one["field"])
    sheets.write(admin_a, batch)
    assert Vehicle.objects.filter(store=admin_a.store).count() == ROWS - len(planted)
    assert Customer.objects.filter(store=admin_a.store).count() == ROWS - len(planted)


def test_the_same_people_in_another_spelling_are_no_new_ones(admin_a):
    wide = str.maketrans(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ", "０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＲＳＴＵＶＷＸＹＺ"
    )
    people = [person(number)[1:] for number in range(1, 41)]
    sheets.write(admin_a, sheets.read(admin_a, nasty.book([HEADER[1:], *people])))
    spellings = [
        lambda name, phone, car: (f"{name[0]} {name[1:]}", f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}", car.lower()),
        lambda name, phone, car: (f"{name}先生", f"0086{phone}", f" {car[:8]} {car[8:]} "),
        lambda name, phone, car: (f"\u200b{name}", phone.translate(wide), car.translate(wide)),
        lambda name, phone, car: (f"{name}(女士)", int(phone), f"{car[:3]}-{car[3:]}"),
        lambda name, phone, car: (f"　{name}　", f"'{phone}", f"\u00a0{car}"),
    ]
    again = [[*spellings[place % len(spellings)](*cells[:3]), *cells[3:]] for place, cells in enumerate(people)]
    batch = sheets.read(admin_a, nasty.book([HEADER[1:], *again]))
    assert {name: batch.counts.get(name, 0) for name in ("new", "changed", "unchanged", "ask")} == {
        "new": 0, "changed": 0, "unchanged": 40, "ask": 0,
    }  # fmt: skip
