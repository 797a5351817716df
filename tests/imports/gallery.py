"""The gallery: nasty files with the verdict that each deserves, as a table; built when they are asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import openpyxl

from tests.imports import nasty, sheets
from tests.imports.nasty import error, formula

HEADER = sheets.EMPLOYEE_HEADER
PLAIN = [
    ["E901", "李明", "男", "售后服务部", "服务顾问", "13800138001", "2024-03-05", "在职"],
    ["E902", "欧阳娜娜", "女", "销售部", "销售顾问", "13800138002", "2023-11-20", "在职"],
    ["E903", "张三", "男", "车间", "机电技师", "", "2022-01-01", "离职"],
]
LINES = [HEADER, *PLAIN]
CARD = ["客户名称", "手机", "详细地址", "备注"]
ORDER = ["工单号", "进厂日期", "VIN", "车主", "送修人", "送修人电话", "合计金额", "进厂里程", "服务顾问"]
VIN, OTHER_VIN = "LSVAM4187C2184847", "LVGBE40K08G150124"  # the first has a right check digit


@dataclass(frozen=True)
class Case:
    """One file and what must come of it."""

    build: Callable[[], bytes]
    #: why the whole file is refused; '' when rows are taken
    refusal: str = ""
    #: verdict → rows
    counts: dict[str, int] = field(default_factory=dict)
    #: row → codes of its findings
    found: dict[int, list[str]] = field(default_factory=dict)
    #: (row, field) → clean value
    clean: dict[tuple[int, str], Any] = field(default_factory=dict)
    name: str = "文件.xlsx"
    format: str = "workbook"
    layout: str = "employees"


def text(lines=LINES, encoding="utf-8", delimiter=",") -> Callable[[], bytes]:
    def build() -> bytes:
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter).writerows(lines)
        return stream.getvalue().encode(encoding)

    return build


def html(lines=LINES, charset="utf-8") -> Callable[[], bytes]:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in lines)
    page = f"<html><head><meta charset='{charset}'></head><body><table>{rows}</table></body></html>"
    return lambda: page.encode("gbk" if charset == "gb2312" else charset)


def staff(*rows, **more) -> Callable[[], bytes]:
    """A workbook of employees, written by hand."""
    return lambda: nasty.book([HEADER, *rows], **more)


def person(**cells) -> list[Any]:
    """A row of an employee with some cells of its own, by the header's titles in pinyin-free short names."""
    names = ["number", "name", "sex", "department", "post", "phone", "hired", "state"]
    plain = dict(
        zip(names, ["E911", "赵六", "男", "售后服务部", "服务顾问", "13800138011", "2024-03-05", "在职"], strict=True)
    )
    return [(plain | cells)[name] for name in names]


def cards(*notes) -> Callable[[], bytes]:
    """Customers who differ by their remarks."""
    return lambda: nasty.book(
        [CARD, *(["李强", 13900139001 + place, "渝北区", note] for place, note in enumerate(notes))]
    )


def orders(*rows) -> Callable[[], bytes]:
    return lambda: nasty.book([ORDER, *rows])


def order(**cells) -> list[Any]:
    """A repair order with some cells of its own."""
    names = ["number", "day", "vin", "owner", "bringer", "phone", "total", "km", "advisor"]
    values = ["RO-1", "2026-11-03", VIN, "李强", "李强", "13900139001", 1280.5, 23810, ""]
    plain = dict(zip(names, values, strict=True))
    return [(plain | cells)[name] for name in names]


def by_openpyxl(change: Callable[[Any], None], lines=LINES) -> Callable[[], bytes]:
    """A workbook of the library's making, changed by hand."""

    def build() -> bytes:
        made = openpyxl.Workbook()
        made.active.title = "表"
        for line in lines:
            made.active.append(line)
        change(made)
        stream = io.BytesIO()
        made.save(stream)
        return stream.getvalue()

    return build


def _hide_rows(made) -> None:
    made.active.row_dimensions[3].hidden = True


def _hide_sheet(made) -> None:
    made.create_sheet("公开").append(["说明"])
    made.active.sheet_state = "hidden"
    made.active = 1


def _move_right(made) -> None:
    made.active.insert_cols(1, 3)


def _date_1904(made) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    made.epoch = CALENDAR_MAC_1904
    made.active["G2"] = date(2024, 3, 5)
    made.active["G3"] = 43894  # the serial of 2024-03-05 there


def _real_dates(made) -> None:
    made.active["G2"], made.active["G3"], made.active["G4"] = (
        date(2024, 3, 5),
        datetime(2024, 3, 5, 8, 30),
        time(12, 30),
    )


def _swapped_days(made) -> None:
    made.active["G2"], made.active["G3"], made.active["G4"] = "27/11/2025", date(2025, 5, 11), date(2025, 6, 11)


def _wide(count: int) -> Callable[[], bytes]:
    return lambda: nasty.book([[*HEADER, *("列" for _ in range(count - len(HEADER)))], PLAIN[0]])


TWO_LINES = [
    ["工号", "基本信息", None, "岗位信息", None, "联系方式", None, None],
    [None, "姓名", "性别", "部门", "岗位", "手机", "入职日期", "在职状态"],
    *PLAIN,
]
TAKEN = {"new": 3}

ENCODINGS = {
    "xlsx": Case(staff(*PLAIN), counts=TAKEN),
    "xlsx named xls": Case(staff(*PLAIN), counts=TAKEN, name="文件.xls"),
    "old xls": Case(lambda: nasty.xls(LINES), counts=TAKEN, name="文件.xls"),
    "old xls, hidden row, error cells, 1904": Case(
        lambda: nasty.xls(
            [HEADER, PLAIN[0], PLAIN[1], person(name=error("#N/A")), person(number="E912", hired=43894)],
            hidden_rows=[3],
            is_1904=True,
        ),
        counts={"new": 2, "skipped": 1, "problem": 1},
        found={3: ["row_hidden"], 4: ["cell_error"]},
        clean={(5, "hired_on"): "2024-03-05"},
    ),
    "ods": Case(lambda: nasty.ods(LINES), counts=TAKEN, name="文件.ods"),
    "csv utf-8": Case(text(), counts=TAKEN, format="csv", name="文件.csv"),
    "csv named xlsx": Case(text(), counts=TAKEN, format="csv"),
    "csv with bom": Case(text(encoding="utf-8-sig"), counts=TAKEN, format="csv"),
    "csv gbk": Case(text(encoding="gbk"), counts=TAKEN, format="csv", clean={(3, "name"): "欧阳娜娜"}),
    "csv gb18030, four bytes": Case(
        text([HEADER, person(name="王𠮷丽")], "gb18030"), counts={"new": 1}, format="csv", clean={(2, "name"): "王𠮷丽"}
    ),
    "csv utf-16": Case(text(encoding="utf-16"), counts=TAKEN, format="csv"),
    "csv utf-16 big endian": Case(
        lambda: b"\xfe\xff" + text(encoding="utf-16-be")(), counts=TAKEN, format="csv", clean={(3, "name"): "欧阳娜娜"}
    ),
    "csv utf-16 without bom": Case(text(encoding="utf-16-le"), counts=TAKEN, format="csv"),
    "tsv gb18030 named xls": Case(
        text(encoding="gb18030", delimiter="\t"), counts=TAKEN, format="csv", name="文件.xls"
    ),
    "csv with semicolons": Case(text(delimiter=";"), counts=TAKEN, format="csv"),
    "csv with line breaks in cells": Case(
        text([HEADER, person(department="售后\n服务部"), PLAIN[1]]), counts={"new": 2}, format="csv"
    ),
    "html named xls": Case(html(), counts=TAKEN, format="html", name="文件.xls"),
    "html gbk named xls": Case(html(charset="gb2312"), counts=TAKEN, format="html", clean={(3, "name"): "欧阳娜娜"}),
    "mac roman": Case(lambda: "工号,".encode() + "Äöü,é\nàè,ñ\n".encode("mac-roman") * 30, "encoding"),
    "latin-1": Case(lambda: "Nummer;Name;Straße\n1;Jürgen Größe;Köln\n".encode("latin-1") * 9, "encoding"),
    "big5": Case(lambda: "員工編號,姓名,職稱\nE1,陳大文,業務\n".encode("big5") * 9, "encoding"),
}

STRANGERS = {
    "png": Case(lambda: b"\x89PNG\r\n\x1a\n" + bytes(200), "not_a_spreadsheet"),
    "jpeg": Case(lambda: b"\xff\xd8\xff\xe0" + bytes(200), "not_a_spreadsheet"),
    "pdf": Case(lambda: b"%PDF-1.7\n" + bytes(200), "not_a_spreadsheet"),
    "sqlite": Case(lambda: b"SQLite format 3\0" + bytes(200), "not_a_spreadsheet"),
    "word document": Case(
        lambda: nasty.archive({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}), "not_a_spreadsheet"
    ),
    "zip with a csv": Case(lambda: nasty.archive({"客户.csv": "a,b"}), "archive"),
    "zip in a zip": Case(
        lambda: nasty.archive({"a.zip": nasty.archive({"b.zip": nasty.archive({"c": ""})})}), "archive"
    ),
    "rar": Case(lambda: b"Rar!\x1a\x07\x00" + bytes(90), "archive"),
    "gzip": Case(lambda: b"\x1f\x8b\x08" + bytes(50), "archive"),
    "html without a table": Case(lambda: b"<html><body>sign in</body></html>", "not_a_spreadsheet"),
    "xml spreadsheet 2003": Case(
        lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
        "xml_spreadsheet",
    ),
    "json": Case(lambda: b'{"rows": [1, 2]}', "not_a_spreadsheet"),
    "blank lines": Case(lambda: b"\n\n  \n", "no_header"),
    "ole without a workbook": Case(lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "cut in the middle": Case(lambda: staff(*PLAIN)()[:-300], "damaged"),
    "encrypted xlsx": Case(
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"), "encrypted"
    ),
    "billion laughs": Case(
        lambda: nasty.book(sheet=f"{nasty.LAUGHS}<worksheet xmlns='{nasty.MAIN}'><sheetData><row r='1'>"
        "<c r='A1' t='inlineStr'><is><t>&m;</t></is></c></row></sheetData></worksheet>"), "damaged",
    ),
    "external entity": Case(
        lambda: nasty.book(sheet=f"{nasty.FOREIGN}<worksheet xmlns='{nasty.MAIN}'><sheetData><row r='1'>"
        "<c r='A1' t='inlineStr'><is><t>&a;</t></is></c></row></sheetData></worksheet>"), "damaged",
    ),
}  # fmt: skip

SHAPES = {
    "no row": Case(staff(), "no_rows"),
    "no cell": Case(nasty.book, "no_rows"),
    "one row": Case(staff(PLAIN[0]), counts={"new": 1}),
    "one column": Case(lambda: nasty.book([["工号"], ["E1"]]), "no_header"),
    "unknown titles": Case(lambda: nasty.book([["一", "二"], [1, 2]]), "no_header"),
    "a needed column is missing": Case(lambda: nasty.book([["员工", *HEADER[1:]], *PLAIN]), "missing_columns"),
    "501 columns": Case(_wide(501), "too_wide"),
    "16,384 columns": Case(_wide(16_384), "too_wide"),
    "500 columns": Case(_wide(500), counts={"new": 1}),
    "a cell of 33,000 characters": Case(cards("长" * 33_000), counts={"new": 1}, found={2: ["text_long"]},
                                        layout="customers"),  # fmt: skip
    "says it is one cell": Case(staff(*PLAIN, dimension="A1"), counts=TAKEN),
    "says it is a billion cells": Case(staff(*PLAIN, dimension="A1:XFD1048576"), counts=TAKEN),
    "says nothing of its size": Case(staff(*PLAIN), counts=TAKEN),
    "one cell at the far end": Case(
        lambda: nasty.book(sheet=f'<worksheet xmlns="{nasty.MAIN}"><sheetData>{nasty.rows_xml(LINES)}'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'), "too_heavy",
    ),
    "strict open xml": Case(
        staff(*PLAIN, namespace=nasty.STRICT, relations=nasty.STRICT_RELATIONS), counts=TAKEN
    ),
    "hidden sheet": Case(by_openpyxl(_hide_sheet), "no_header"),
    "hidden row": Case(by_openpyxl(_hide_rows), counts={"new": 2, "skipped": 1}, found={3: ["row_hidden"]}),
    "filtered": Case(
        staff(*PLAIN, after='<autoFilter ref="A1:H4"/>', attributes={4: ' hidden="1"'}), counts={"new": 2, "skipped": 1}
    ),
    "hidden column": Case(
        staff(*PLAIN, before='<cols><col min="6" max="6" width="9" hidden="1"/></cols>'), counts=TAKEN
    ),
    "empty columns in front": Case(by_openpyxl(_move_right), counts=TAKEN),
    "title, instruction, hints, sums, header again": Case(
        lambda: nasty.book([
            ["渝北一店汽车销售服务有限公司"], [], ["说明：带 * 的必填，日期写成 2024-03-05"],
            ["* 工号", "姓名（必填）", "性 别", "部门", "岗位", "手机", "入职日期", "在职状态"],
            ["必填", "必填", "选填", "选填", "选填", "选填", "选填", "必填"],
            PLAIN[0], ["小计", None, None, None, None, None, None, 1],
            ["* 工号", "姓名（必填）", "性 别", "部门", "岗位", "手机", "入职日期", "在职状态"], PLAIN[1], ["记录数:2"],
        ]), counts={"new": 2, "skipped": 3}, found={7: ["total"], 8: ["header_again"], 10: ["total"]},
    ),
    "two-line merged header": Case(
        lambda: nasty.book(TWO_LINES, after='<mergeCells count="4"><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/>'
                                            '<mergeCell ref="D1:E1"/><mergeCell ref="F1:H1"/></mergeCells>'),
        counts=TAKEN, clean={(3, "phone"): ["13800138001"]},
    ),
    "the same row twice": Case(staff(PLAIN[0], PLAIN[1], PLAIN[0]), counts={"new": 2, "skipped": 1},
                               found={4: ["same_row"]}),
    "one key, two people": Case(staff(PLAIN[0], person(number="E901")), counts={"new": 1, "problem": 1},
                                found={3: ["key_twice"]}),
}  # fmt: skip

FORMULAS = {
    "cached values are used": Case(
        staff(person(number=formula("E77"), phone=formula(13800138077.0))), counts={"new": 1},
        clean={(2, "number"): "E77", (2, "phone"): ["13800138077"]},
    ),
    "a formula without a value": Case(
        staff(person(number=formula()), PLAIN[0]), counts={"problem": 1, "new": 1}, found={2: ["formula_empty"]},
        clean={(2, "number"): None},
    ),
    "#REF!": Case(staff(person(number=error("#REF!"))), counts={"problem": 1}, found={2: ["cell_error"]}),
    "#SPILL!, which the reader does not know": Case(staff(person(name=error("#SPILL!"))), "error_value"),
    "#N/A in a needed column": Case(
        staff(person(name=error("#N/A"))), counts={"problem": 1}, found={2: ["cell_error"]}
    ),
    "#DIV/0! as text in a csv": Case(
        text([HEADER, person(number="#DIV/0!")]), counts={"problem": 1}, found={2: ["cell_error"]}, format="csv"
    ),
    "a link to another workbook": Case(
        staff(person(number=formula("E78", "'[http://127.0.0.1:1/x.xlsx]表'!A1"))), counts={"new": 1},
        clean={(2, "number"): "E78"},
    ),
    "text that looks like a formula": Case(
        text([CARD, ["李强", "13900139001", "渝北区", "=cmd|' /C calc'!A0"]]), counts={"new": 1}, format="csv",
        clean={(2, "note"): "=cmd|' /C calc'!A0"}, layout="customers",
    ),
}  # fmt: skip

DATES = {
    "1904": Case(by_openpyxl(_date_1904), counts=TAKEN,
                 clean={(2, "hired_on"): "2024-03-05", (3, "hired_on"): "2024-03-05"}),
    "real dates and a time": Case(
        by_openpyxl(_real_dates), counts={"new": 2, "problem": 1}, found={4: ["date_time_only"]},
        clean={(2, "hired_on"): "2024-03-05", (3, "hired_on"): "2024-03-05"},
    ),
    "every spelling": Case(
        staff(*(person(number=f"D{place}", hired=written) for place, written in enumerate([
            "2024.3.5", "2024年3月5日", "24/3/5", "20240305", "2024-03-05 00:00:00", "2024/3/5 8:30", "45356", 45356,
            45356.5, "2024-3-5", "２０２４－３－５", "5-Mar-2024", "24年3月5日", "'2024-03-05",
            "\u00a02024/3/5\u200b"]))),
        counts={"new": 15}, clean={(row, "hired_on"): "2024-03-05" for row in range(2, 17)},
    ),
    "day or month first": Case(
        staff(person(number="D1", hired="27/11/2025"), person(number="D2", hired="5/11/2025"),
              person(number="D3", hired="11/25/2025"), person(number="D4", hired="5/11/25")),
        counts={"new": 2, "problem": 2}, found={3: ["date_ambiguous"], 5: ["date_ambiguous"]},
        clean={(2, "hired_on"): "2025-11-27", (4, "hired_on"): "2025-11-25"},
    ),
    "day and month swapped by a spreadsheet": Case(
        by_openpyxl(_swapped_days), counts=TAKEN, found={2: ["date_text"], 3: ["date_swapped"], 4: ["date_swapped"]},
        clean={(2, "hired_on"): "2025-11-27", (3, "hired_on"): "2025-05-11"},
    ),
    "days that never were": Case(
        staff(*(person(number=f"D{place}", hired=written) for place, written in enumerate(
            ["2024/2/30", "1900-02-29", "2023-02-29", -5, 60, 0.5, "12:30", "2024.3", "明天", "11-21"]))),
        counts={"problem": 10},
        found={2: ["date_impossible"], 3: ["date_impossible"], 5: ["date_range"], 6: ["date_range"],
               7: ["date_time_only"], 8: ["date_time_only"], 10: ["date_form"], 11: ["date_ambiguous"]},
    ),
}  # fmt: skip

CELLS = {
    "phones": Case(
        staff(*(person(number=f"P{place}", phone=written) for place, written in enumerate([
            13800138001, 13800138002.0, "13800138003.0", "+86 138-0013-8004", "１３８００１３８００５",
            "\u00a013800138006\u200b", "'13800138007", "13800138008/13900138008", "1.38E+10", 2368812345, "1380013"]))),
        counts={"new": 11}, clean={(row, "phone"): [f"1380013800{row - 1}"] for row in range(2, 9)},
        found={4: ["decimal_end"], 5: ["phone_tidied"], 6: ["full_width"], 7: ["odd_signs"], 8: ["apostrophe"],
               9: ["phone_several_split"], 10: ["phone_rounded"], 11: ["phone_lost_zero"], 12: ["phone_length"]},
    ),
    "vins": Case(
        orders(order(number="R1"), order(number="R2", vin=VIN.lower()), order(number="R3", vin=f"{VIN[:8]} {VIN[8:]}"),
               order(number="R4", vin="LSVAM4187C21848O7"), order(number="R5", vin=OTHER_VIN[:-1] + "9"),
               order(number="R6", vin="LSVAM4187C218484"), order(number="R7", vin=12345678901234567)),
        counts={"new": 4, "problem": 3}, layout="repair_orders",
        found={3: ["vin_tidied"], 4: ["vin_tidied"], 5: ["vin_characters"], 7: ["vin_length"], 8: ["vin_rounded"]},
    ),
    "long numbers": Case(
        orders(order(number="20261121001234567890"), order(number=20261121001234567890),
               order(number="2.02611E+19"), order(number="20261121001234500000"), order(number=1001.0),
               order(number="1002.0")),
        counts={"new": 4, "problem": 2}, layout="repair_orders",
        clean={(2, "order_number"): "20261121001234567890", (6, "order_number"): "1001", (7, "order_number"): "1002"},
        found={3: ["number_rounded"], 4: ["digits_lost"], 5: ["digits_zero"], 7: ["decimal_end"]},
    ),
    "lost zeros": Case(
        staff(*(person(number=written, name=f"员工{place}") for place, written in enumerate(["00123", "00124", 125]))),
        counts={"new": 3}, found={4: ["zeros_lost"]}, clean={(2, "number"): "00123", (4, "number"): "125"},
    ),
    "amounts and kilometres": Case(
        orders(order(number="M1", total="¥1,280.50", km="23,810 公里"), order(number="M2", total=1286.0000000000002),
               order(number="M3", total="1.2万", km=23810.6), order(number="M4", total="一千二")),
        layout="repair_orders", counts={"new": 4},
        clean={(2, "total_fee"): "1280.50", (2, "mileage_km"): 23810, (3, "total_fee"): "1286.00",
               (4, "total_fee"): "12000.00", (4, "mileage_km"): 23810},
        found={2: ["number_tidied", "number_tidied"], 3: ["float_end"], 4: ["number_tidied", "fraction_cut"],
               5: ["number_form"]},
    ),
    "words for nothing": Case(
        cards("无", "-", "/", "//", "——", "暂无"), counts={"new": 6}, layout="customers",
        found={row: ["empty_word"] for row in range(2, 8)}, clean={(row, "note"): None for row in range(2, 8)},
    ),
    "names": Case(
        staff(person(number="A1", name="张 三"), person(number="A2", name="张三(先生)"),
              person(number="A3", name="\u200b李\u00a0四"), person(number="A4", name="　王五　")),
        counts={"new": 4}, clean={(row, "name"): name for row, name in enumerate(["张三", "张三", "李四", "王五"], 2)},
        found={2: ["name_tidied"], 3: ["name_tidied"], 4: ["odd_signs"], 5: ["odd_signs"]},
    ),
    "full-width codes": Case(
        staff(person(number="Ｅ９９９"), person(number="E 998"), person(number="'E997")), counts={"new": 3},
        clean={(2, "number"): "E999", (3, "number"): "E998", (4, "number"): "E997"},
        found={2: ["full_width"], 3: ["blanks"], 4: ["apostrophe"]},
    ),
    "a needed cell is empty": Case(staff(person(number=None), person(number="无")), counts={"problem": 2},
                                   found={2: ["required"], 3: ["empty_word"]}),
}  # fmt: skip

ALL: dict[str, Case] = {**ENCODINGS, **STRANGERS, **SHAPES, **FORMULAS, **DATES, **CELLS}
