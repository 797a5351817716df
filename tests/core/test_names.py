"""Names: one tidy form, and the readings that the search box needs."""

import pytest

from crm_site.core import names
from tests.core import vectors


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("张三(先生)", "张三"),
        ("张三（女士）", "张三"),
        ("张三先生", "张三"),
        ("王先生", "王先生"),
        ("王\u200b五", "王五"),
        ("'赵六", "赵六"),
        ("凯文.杜兰特", "凯文·杜兰特"),
        ("凯文•杜兰特", "凯文·杜兰特"),
        ("John  Smith", "John Smith"),
        ("Ｊｏｈｎ", "John"),
        ("重庆（集团）有限公司", "重庆(集团)有限公司"),
        ("无", ""),
        (None, ""),
    ],
)
def test_a_name_is_tidied(written, name):
    assert names.normalise(written) == name


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("曾小雨", "zengxiaoyu", "zxy"),
        ("单雄信", "shanxiongxin", "sxx"),
        ("查理", "zhali", "zl"),
        ("区小小", "ouxiaoxiao", "oxx"),
        ("仇英", "qiuying", "qy"),
        ("解珍", "xiezhen", "xz"),
        ("覃国强", "qinguoqiang", "qgq"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟卨", "moqixie", "mqx"),
        ("单于明", "chanyuming", "cym"),
        ("令狐冲", "linghuchong", "lhc"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("吕布", "lvbu", "lb"),
        ("重庆长安", "chongqingchangan", "cqca"),
        ("A8俱乐部", "a8julebu", "ajlb"),
        ("", "", ""),
    ],
)
def test_pinyin_reads_surnames_as_surnames(name, full, initials):
    assert names.pinyin(name) == (full, initials)


def test_two_spellings_of_a_name_have_one_key():
    assert names.match_key("凯文 · 杜兰特") == names.match_key("凯文杜兰特")
    assert names.match_key("ＪＯＨＮ smith") == names.match_key("john smith")


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("张三", "ok", ""),
        ("13800138000", "warning", "name_digits"),
        ("张" * 101, "refused", "name_long"),
        ("", "refused", "empty"),
    ],
)
def test_the_verdict_names_the_reason(written, level, code):
    assert names.verdict(written)[:2] == (level, code)


def test_outside_family_names_all_have_a_reading():
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(vectors.path("names-cn/family_names_1074.xlsx")))
    cells = {
        str(cell) for sheet in book.sheet_names for row in book.get_sheet_by_name(sheet).to_python() for cell in row
    }
    family_names = {
        cell for cell in cells if 1 <= len(cell) <= 2 and all("\u4e00" <= sign <= "\u9fff" for sign in cell)
    }
    assert len(family_names) > 900
    unread = [name for name in family_names if not names.pinyin(name + "明").full.removesuffix("ming").isalpha()]
    assert unread == []
