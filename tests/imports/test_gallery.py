"""The gallery of nasty files: each is taken with the verdicts that it deserves, or refused for its true reason."""

import random

import pytest

from crm_site.imports.models import BatchState, StagedRow
from tests.imports import gallery, nasty, sheets
from tests.imports.test_matching import PRACTICE, SPELLINGS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", gallery.ALL)
def test_every_nasty_file_gets_the_verdict_that_it_deserves(admin_a, kind):
    case = gallery.ALL[kind]
    batch = sheets.read(admin_a, case.build(), name=case.name)
    if case.refusal:
        assert (batch.state, batch.refusal) == (BatchState.REFUSED, case.refusal)
        assert not StagedRow.objects.filter(batch=batch).exists()
        return
    assert (batch.state, batch.refusal) == (BatchState.PREVIEW, "")
    assert (batch.layout, batch.reading["format"]) == (case.layout, case.format)
    assert {name: batch.counts.get(name, 0) for name in case.counts} == case.counts
    assert batch.counts["rows"] == sum(case.counts.values())
    rows = {row.row: row for row in StagedRow.objects.filter(batch=batch)}
    codes = {number: [one["code"] for one in rows[number].findings] for number in case.found}
    assert {number: sorted(set(codes[number]) & set(wanted)) for number, wanted in case.found.items()} == {
        number: sorted(set(wanted)) for number, wanted in case.found.items()
    }, codes
    assert {place: rows[place[0]].clean.get(place[1]) for place in case.clean} == case.clean


def test_the_gallery_is_large():
    assert len(gallery.ALL) >= 60


#: What stands in a column of a header seen in practice; columns that are not named stay empty.
SAMPLE = {
    "序号": 1, "档案编号": "D-1", "客户编号": "K0001", "客户名称": "李强", "客户姓名": "李强", "车主": "李强",
    "送修人": "李强",
    "手机": "13900139001", "联系电话": "13900139001", "送修人电话": "13900139001", "电话": "13900139001",
    "姓名": "赵六",
    "车架号(VIN)": gallery.VIN, "车架号": gallery.VIN, "VIN": gallery.VIN, "车牌号": "渝A12345", "车牌": "渝A12345",
    "交车日期": "2026-11-04", "进厂日期": "2026-11-03", "开单时间": "2026-11-03 09:10", "投诉日期": "2026-11-03",
    "购车日期": "2024-03-05", "出生日期": "1988-02-29", "工单号": "RO-1", "编号": "T-1",
    "进厂行驶里程": 23810, "进厂里程": 23810,
    "消费总额": 1280.5, "合计金额": 1280.5, "成交价": 189800, "投诉内容": "空调不制冷",
    "详细地址": "渝北区1号", "工号": "E911",
    "岗位": "服务顾问", "部门": "售后服务部", "性别": "男", "在职状态": "在职", "入职日期": "2024-03-05",
}  # fmt: skip


@pytest.mark.parametrize("name", PRACTICE)
def test_every_header_of_practice_is_read_in_scrambled_order_and_spelling(admin_a, name):
    titles = PRACTICE[name][0].split("|")
    random.Random(name).shuffle(titles)
    spellings = list(SPELLINGS.values())
    header = [spellings[place % len(spellings)](title) for place, title in enumerate(titles)]
    row = [SAMPLE.get(title) for title in titles]
    lines = [["渝北一店汽车销售服务有限公司"], ["说明：带 * 的必填"], header, row]
    batch = sheets.read(admin_a, nasty.book(lines), name="导出.xls")
    assert (batch.state, batch.refusal, batch.layout) == (BatchState.PREVIEW, "", name.strip())
    found = [(one["severity"], one["code"], one["field"]) for one in batch.reading["findings"]]
    assert batch.counts["rows"] == batch.counts.get("new", 0) == 1, found
