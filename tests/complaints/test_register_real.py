"""4,671 complaints that real people wrote in 2024: all of them taken over, whole, with their kinds mapped once."""

import csv
import time
from collections import Counter
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, transaction
from django.urls import reverse

from complaints.layouts import COMPLAINTS
from complaints.models import Category, Complaint
from crm_site.accounts.models import Role
from crm_site.core.errors import RuleBroken
from crm_site.imports.actions import batches, sources, undoing
from crm_site.imports.models import BatchState
from crm_site.imports.rules import header_key
from crm_site.jobs import runner
from tests.cast import make_person
from tests.core import vectors
from tests.factories import NOON, StoreFactory
from tests.imports import sheets

pytestmark = pytest.mark.django_db

FILE = "complaints-cn-2024/complaints_cn_2024.csv"
#: what no word list of ours can know: a dealer says it once
PARTS = {"附加设备": "product.infotainment", "承诺不兑现": "sales.promise", "气囊和安全带": "product"}
KINDS = {
    "product": "异响 抖动 故障灯亮 锈蚀 部件开裂 磨损严重 漏油 卡滞 变形 断裂 失灵 异味 起火 起皮 过硬 偏硬 偏软 "
    "无标识 回位故障 气囊未弹出 安全带破损 备用钥匙失效 厂家不召回 召回方案不合理",
    "product.ev": "控制器故障 行驶中动力消失",
    "sales": "与宣传不符 低配当高配卖 出售库存车 出售问题车 定（订）金纠纷",
    "service": "服务承诺不兑现 服务网点少 厂家不回复 否认质量问题 不予索赔 不履行三包 无维修工单",
    "service.attitude": "互相推诿 故意拖延",
    "repair": "操作不规范 私自改装 过度保养",
    "parts": "使用非原厂件 未更换定损配件",
}


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    """The rows of the file as the csv module reads them."""
    with vectors.path(FILE).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def content() -> bytes:
    return vectors.path(FILE).read_bytes()


@pytest.fixture(scope="module")
def admin(django_db_setup, django_db_blocker):
    """Who takes the complaints over; the store and all that is in it are rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_person(StoreFactory(code="REAL"), Role.ADMIN, "段文")
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def batch(admin, content, django_db_blocker):
    """All of them taken over, once for the whole module."""
    with django_db_blocker.unblock():
        written = taken_in(admin, content)
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
    return written


def answers() -> dict[str, dict[str, str]]:
    """What a person says of the words, once."""
    return {"part": PARTS, "category": {word: code for code, words in KINDS.items() for word in words.split()}}


def taken_in(person, content: bytes):
    """Read, answer what is asked, read again, confirm, write; gives the batch and the seconds of each."""
    took = {}
    began = time.monotonic()
    batch = sheets.read(person, content, "投诉数据.csv")
    took["read"], began = time.monotonic() - began, time.monotonic()
    assert {question["field"] for question in batch.questions} == {"part", "category"}
    runner.run(sources.explain(batch.pk, {"values": answers()}, by=person.employee, remember=True).stage_job_id)
    batch.refresh_from_db()
    assert (batch.state, batch.questions) == (BatchState.PREVIEW, [])
    took["again"], began = time.monotonic() - began, time.monotonic()
    batch = sheets.write(person, batch)
    took["write"] = time.monotonic() - began
    print({stage: f"{seconds:.1f} s" for stage, seconds in took.items()})
    return batch


def test_every_complaint_is_taken_over_whole(admin, lines, batch):
    assert (batch.layout, batch.counts["applied"], batch.counts.get("problem", 0)) == ("complaints", 4671, 0)
    kept = {ticket.number: ticket for ticket in Complaint.objects.select_related("category")}
    assert len(kept) == 4671
    assert {len(number) for number in kept} == {20}
    meanings = {name: _meanings(admin.store, name) for name in ("part", "category")}
    for line in lines:
        ticket = kept[line["投诉编号"]]
        assert ticket.words == line["投诉简述"]
        assert (ticket.brand, ticket.series, ticket.model) == (line["投诉品牌"], line["投诉车系"], line["投诉车型"])
        assert (ticket.received_on, ticket.day_only) == (date.fromisoformat(line["投诉日期"]), ["received_at"])
        assert ticket.historical
        assert (ticket.customer_id, ticket.vehicle_id, ticket.level_id) == (None, None, None)
        assert all(word in ticket.topic for word in (line["投诉问题"], line["问题类型"]))
        _check_category(ticket, meanings["part"].get(line["投诉问题"]), meanings["category"].get(line["问题类型"]))
    nameless = [ticket for ticket in kept.values() if ticket.category is None]
    assert [ticket.topic for ticket in nameless] == [""]  # the one line that names no kind at all


def _meanings(store, field: str) -> dict[str, str]:
    """Word of the file → code: by our word lists, else by the answers."""
    known = COMPLAINTS.at(store).by_name[field].choice_keys
    said = answers()[field]
    with vectors.path(FILE).open(encoding="utf-8-sig", newline="") as file:
        column = {"part": "投诉问题", "category": "问题类型"}[field]
        words = {line[column] for line in csv.DictReader(file) if line[column]}
    return {word: said.get(word) or known[header_key(word)] for word in words}


def _check_category(ticket: Complaint, part: str | None, kind: str | None) -> None:
    """The kind of problem decides, and the part where it is finer or the kind says nothing."""
    code = ticket.category.code if ticket.category else None
    assert code in {part, kind}
    if kind not in (None, "other", code):
        assert code.startswith(f"{kind}.")


def test_the_same_complaints_again_write_nothing(admin, content, batch):
    before = list(Complaint.objects.order_by("pk").values())
    again = sheets.read(admin, content + b"\n", "投诉数据.csv")
    assert (again.counts["unchanged"], again.counts["rows"], again.questions) == (4671, 4671, [])
    with pytest.raises(RuleBroken):
        batches.confirm(again.pk, by=admin.employee, now=NOON)
    assert list(Complaint.objects.order_by("pk").values()) == before


def test_all_of_them_can_be_taken_back(admin, batch):
    categories = Category.objects.count()
    batch.refresh_from_db()
    undoing.ask(batch.pk, by=admin.employee)
    for act in (None, undoing.confirm):
        if act is not None:
            act(batch.pk, by=admin.employee)
        batch.refresh_from_db()
        runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDONE
    assert (Complaint.objects.count(), Category.objects.count()) == (0, categories)


def test_the_kinds_come_out_as_a_dealer_counts_them(batch):
    rows = Complaint.objects.exclude(category=None).values_list("category__parent__code", "category__code")
    tops = Counter(parent or code for parent, code in rows)
    assert sum(tops.values()) == 4670
    assert tops.most_common(1)[0][0] == "product"
    assert tops["other"] < 100


def test_the_pareto_counts_as_the_file_does(as_, admin, lines, batch):
    manager = make_person(admin.store, Role.MANAGER, "温静")
    client, year = as_(manager), {"month": "2024-12", "span": "12", "register": "old", "lines": "all"}
    meanings = {name: _meanings(admin.store, name) for name in ("part", "category")}
    for by, counted in _counts(lines, meanings).items():
        pareto = client.get(reverse("complaints:learn"), {**year, "by": by}).context["pareto"]
        rows = {parse_qs(urlsplit(row["url"]).query)[by][0]: int(row["n"].replace(",", "")) for row in pareto["rows"]}
        assert rows == counted
        assert pareto["total"] == "4,671"
        numbers = [row["n"] for row in pareto["rows"] if row["label"] not in {"未知", "待定责"}]
        assert numbers == sorted(numbers, key=lambda n: -int(n.replace(",", "")))


def _counts(lines, meanings) -> dict[str, Counter]:
    """What the lines of the file themselves add up to: top categories by the words' meanings, and series."""
    tops: Counter[str] = Counter()
    for line in lines:
        part, kind = meanings["part"].get(line["投诉问题"]), meanings["category"].get(line["问题类型"])
        code = (kind if kind != "other" else part or kind) or part or "none"
        tops[code.split(".")[0]] += 1
    return {"category": tops, "series": Counter(line["投诉车系"] or "none" for line in lines)}
