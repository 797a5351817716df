"""Header rows in any order and spelling are understood; a guess is marked as one, and no wrong mapping is silent."""

import random

import pytest

from crm_site.imports import layout
from crm_site.imports.layout import CODE, DATE, NAME, PHONE, PLATE, VIN, Field, Layout
from crm_site.imports.reading import matching, recognise
from crm_site.imports.reading.recognise import Wish

#: The header rows seen in practice, and the titles of theirs that we have no field for.
PRACTICE = {
    "customers": (
        "序号|客户编号|客户名称|客户类型|性别|手机|备用电话|证件号码|出生日期|省|市|区|详细地址|车牌号|车架号(VIN)|发动机号|品牌|车系|车型|"
        "颜色|购车日期|上牌日期|销售顾问|保险到期日|年检到期日|末次进厂日期|末次里程|客户来源|营销同意|备注",
        {"序号", "证件号码", "销售顾问"},
    ),
    "deliveries": (
        "序号|交车日期|客户姓名|联系电话|车型|车身颜色|车架号|发动机号|销售顾问|购车方式|成交价|是否本店投保|保险到期|上牌情况|车牌号|备注",
        {"序号", "上牌情况"},
    ),
    "repair_orders": (
        "档案编号|进厂日期|工单号|维修类型|车架号|车牌号|品牌|车系|是否返修|进厂行驶里程|维修项目|优惠劵消费|转账消费|现金消费|消费总额|"
        "钣金主修|喷漆主修|机电主修|交车日期|是否回访|预约单号|服务顾问",
        {"档案编号", "是否回访"},
    ),
    "repair_orders ": (
        "工单号|开单时间|车牌|VIN|车主|送修人|送修人电话|维修类别|进厂里程|服务顾问|主修技师|故障描述|维修项目|工时费|材料费|合计金额|"
        "结算时间|交车时间",
        set(),
    ),
    "complaints": (
        "编号|投诉日期|投诉方式|客户姓名|电话|车牌号|车型|VIN|工单号|投诉类别|投诉级别|投诉内容|客户要求|责任部门|责任人|受理人|处理措施|"
        "处理时间|完成日期|是否闭环|回访时间|回访结果|备注",
        set(),
    ),
    "employees": ("工号|姓名|性别|部门|岗位|手机|入职日期|在职状态", set()),
}
FULL_WIDTH = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
SPELLINGS = {
    "as it stands": str,
    "full width": lambda title: title.translate(FULL_WIDTH),
    "blanks": " ".join,
    "star": lambda title: f"* {title}",
    "required": lambda title: f"{title}（必填）",
    "new line": lambda title: f"{title[:2]}\n{title[2:]}",
    "colon": lambda title: f"{title}：",
    "square brackets": lambda title: f"【{title}】",
    "odd blanks": lambda title: f"\u3000{title}\u00a0\u200b",
    "unit": lambda title: f"{title}(元)" if title.endswith(("费", "额", "价")) else title,
}


def find(titles, rows=(), layouts=None, wish=None):
    lines = [(number, list(cells)) for number, cells in enumerate([titles, *rows], start=1)]
    return recognise.find(layouts or layout.layouts().values(), lines, [], wish or Wish())


def meant(titles, rows=(), layouts=None):
    """Title → (field, how sure)."""
    header = find(titles, rows, layouts)
    return {header.titles[column]: (one.field, one.sure) for column, one in header.matches.items()}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", PRACTICE)
def test_the_headers_of_practice_in_any_order_and_spelling(name, spelling):
    """At least 95 % of the titles that we have a field for; each as in its plain spelling."""
    row, strange = PRACTICE[name]
    plain = row.split("|")
    expected = meant(plain)
    shuffled = random.Random(f"{name}{spelling}").sample(plain, len(plain))
    header = find([SPELLINGS[spelling](title) for title in shuffled])
    assert header.layout.code == name.strip()
    got = {shuffled[column]: one.field for column, one in header.matches.items()}
    known = set(plain) - strange
    assert set(expected) >= known
    assert len(known & set(got)) >= 0.95 * len(known)
    assert all(got[title] == expected[title][0] for title in got if title in expected)
    assert not set(got) & strange


def one(*fields, code="x") -> Layout:
    """A layout of a few fields."""
    return Layout(code, code, fields, key=lambda row: None, compare=lambda *_: [], apply=lambda *_: {})


CAR = one(
    Field("order", "Order", ("工单号",), CODE, required=True),
    Field("name", "Name", ("客户姓名", "姓名", "客户"), NAME),
    Field("phone", "Phone", ("手机", "手机号", "联系电话", "电话"), PHONE),
    Field("vin", "VIN", ("车架号", "VIN"), VIN),
    Field("plate", "Plate", ("车牌号", "车牌"), PLATE),
    Field("day", "Day", ("进厂日期",), DATE),
    Field("km", "Km", ("行驶里程",), "int"),
    Field("address", "Address", ("详细地址", "地址"), "text"),
)
VINS = [f"LSVAU2A37N21{number:05d}" for number in range(6)]
GUESSES = [
    # title, values, field, how sure
    ("客户手机号", ["13800138000"] * 4, "phone", "medium"),
    ("车主 手机", ["13800138000"] * 4, "phone", "medium"),
    ("车辆行驶里程", [12000, 13000, 14000], "km", "medium"),
    ("里程", [12000, 13000, 14000], "km", "medium"),
    ("客户地址", ["解放路1号", "人民路2号", "中山路3号"], "address", "medium"),
    ("识别码", VINS, "vin", "low"),
    ("", VINS, "vin", "low"),
    ("号牌", ["渝A12345", "渝B23456", "渝AD12345"], "plate", "low"),
    ("车架号/底盘号", VINS, "vin", "high"),
    ("车架号（17位）", VINS, "vin", "high"),
    ("电话(手机)", ["13800138000"] * 4, "phone", "high"),
    ("进厂日期/时间", ["2026-11-01"] * 4, "day", "high"),
    # a title that the content contradicts is doubted
    ("车架号", ["渝A12345", "渝B23456", "渝A34567"], "vin", "low"),
    ("手机", ["张三", "李四", "王五"], "phone", "low"),
    # another's number is not the customer's
    ("介绍人电话", ["13800138000"] * 4, None, ""),
    ("保险公司电话", ["13800138000"] * 4, None, ""),
    ("紧急联系人手机", ["13800138000"] * 4, None, ""),
    ("上次进厂日期", ["2026-11-01"] * 4, None, ""),
    ("预计进厂日期", ["2026-11-01"] * 4, None, ""),
    # a like title over other content is not taken
    ("客户手机号", ["张三", "李四", "王五"], None, ""),
    ("店内备注", ["x", "y", "z"], None, ""),
]


@pytest.mark.parametrize(("title", "values", "field", "sure"), GUESSES)
def test_a_guess_is_marked_as_one(title, values, field, sure):
    rows = [[f"R{number}", "甲乙丙丁戊己"[number], value] for number, value in enumerate(values)]
    got = find(["工单号", "客户姓名", title], rows, [CAR]).matches.get(2)
    assert (got.field, got.sure) == (field, sure) if field else got is None


def test_of_two_columns_that_claim_a_field_the_better_has_it_and_the_other_is_named():
    rows = [["R1", "甲", "", 13800138000], ["R2", "乙", "", 13800138001], ["R3", "丙", "x", 13800138002]]
    header = find(["工单号", "姓名", "手机", "联系电话"], rows, [CAR])
    assert {column: (match.field, match.sure) for column, match in header.matches.items()} == {
        0: ("order", "high"), 1: ("name", "high"), 2: ("phone", "medium")
    }  # fmt: skip
    assert header.rivals == {3: "phone"}


def test_content_decides_between_equal_titles():
    rows = [["R1", "x", 13800138000], ["R2", "y", 13800138001], ["R3", "z", 13800138002]]
    header = find(["工单号", "电话", "电话"], rows, [CAR])
    assert header.mapping == {0: "order", 2: "phone"}
    assert header.labels == ["工单号", "电话", "电话 (2)"]


def test_what_a_person_says_goes_before_every_guess():
    wish = Wish(columns={"电话": "", "电话 (2)": "name", "[D]": "phone"})
    header = find(["工单号", "电话", "电话", ""], [["R1", 1, "张三", 13800138000]], [CAR], wish)
    assert header.mapping == {0: "order", 2: "name", 3: "phone"}
    assert {header.matches[column].sure for column in (2, 3)} == {matching.SAID}


def test_the_right_list_with_a_gap_is_proposed_rather_than_a_wrong_one_without():
    titles = [
        "工单号",
        "开单时间",
        "车牌",
        "车主",
        "送修人",
        "送修人电话",
        "维修类别",
        "进厂里程",
        "服务顾问",
        "主修技师",
        "手机",
        "姓名",
    ]
    header = find(titles)
    assert (header.layout.code, header.missing) == ("repair_orders", ["vin"])


@pytest.mark.parametrize(
    "line", [["说明：车架号必须为17位，手机号必填"], ["R1", "张三", "13800138000"], ["1", "2", "3"], ["合计", "", 12]]
)
def test_lines_that_are_no_header_are_not_taken_for_one(line):
    assert find(line, [], [CAR]) is None


def test_a_header_of_like_titles_alone_is_found():
    header = find(["车辆行驶里程", "客户手机号", "客户地址"], [[12000, "13800138000", "解放路"]], [CAR])
    assert set(header.mapping.values()) == {"km", "phone", "address"}
    assert header.missing == ["order"]


def test_a_signature_knows_a_header_again_in_another_spelling_but_not_in_another_order():
    first = recognise.signature(["工单号", "车架号(VIN)", ""])
    assert recognise.signature(["* 工单号：", "车 架 号"]) == first
    assert recognise.signature(["车架号", "工单号"]) != first
