"""A workbook of repair orders as a dealer-management system gives it out: each with a car and an owner of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

#: the second form of the trade, with the two columns more that name the car
HEADER = (
    "工单号", "开单时间", "车牌", "VIN", "品牌", "车系", "车主", "送修人", "送修人电话", "维修类别", "进厂里程",
    "服务顾问", "主修技师", "故障描述", "维修项目", "工时费", "材料费", "合计金额", "结算时间", "交车时间",
)  # fmt: skip
SERIES = ("远岚 E5", "远岚 E7", "云途 X3", "云途 X5", "星野 GT")
JOBS = ("定期保养", "一般修理", "首保", "事故维修", "索赔")
ADVISORS = tuple(f"顾问{sign}" for sign in "甲乙丙丁戊己庚辛")
TECHNICIANS = tuple(f"技师{sign}" for sign in "子丑寅卯辰巳午未申酉戌亥")
FAULTS = ("行驶中底盘异响", "空调不制冷", "到期保养", "刹车发软,请检查", "右前门剐蹭", "仪表亮故障灯")
ITEMS = ("更换机油机滤;检查全车油液", "更换前刹车片", "四轮定位", "钣金修复右前门;喷漆", "读取故障码;更换氧传感器")
FIRST_DAY = datetime(2023, 1, 2, 8, 0)


def rows(count: int) -> Iterator[list]:
    """So many orders, the same ones each time; in nine of ten the owner brings the car."""
    from crm_site.demo.archive import Unique
    from crm_site.demo.dice import Dice
    from crm_site.demo.people import full_name

    dice = Dice("bench orders")
    unique = Unique(dice)
    for number in range(count):
        owner = full_name(dice, dice.choice("mf"))
        brings = owner if dice.chance(0.9) else full_name(dice, dice.choice("mf"))
        came = FIRST_DAY + timedelta(minutes=10 * number)
        labour, parts = dice.randrange(80, 900), dice.randrange(0, 400_000) / 100
        yield [
            f"RO{number:08d}", came, unique.plate("fuel"), unique.vin("E5", 2022), "远岚", dice.choice(SERIES), owner,
            brings, f"137{number:08d}", dice.choice(JOBS), dice.randrange(500, 180_000), dice.choice(ADVISORS),
            dice.choice(TECHNICIANS), dice.choice(FAULTS), dice.choice(ITEMS), labour, parts, round(labour + parts, 2),
            f"{came + timedelta(hours=6):%Y-%m-%d %H:%M}", came + timedelta(hours=8),
        ]  # fmt: skip


def write(path: Path, count: int, *, title: bool = True, first: int = 0) -> None:
    """The workbook, with a title above the header; its orders begin with the one numbered `first`."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("维修工单")
    if title:
        sheet.append(["维修工单明细表"])
    sheet.append(HEADER)
    for row in islice(rows(first + count), first, None):
        sheet.append(row)
    book.save(path)
