"""Some files brought in through the import engine itself: written, refused, and one that waits to be confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from crm_site.core.xlsx import Column, Sheet, workbook_bytes
from crm_site.demo.archive import Unique
from crm_site.demo.dice import Dice
from crm_site.demo.people import full_name
from crm_site.demo.world import Car, House, World
from crm_site.imports.actions import batches as actions
from crm_site.imports.models import BatchState, ImportBatch
from crm_site.jobs import runner
from customers.models import OrderState

DELIVERY_HEADER = (
    "序号", "交车日期", "客户姓名", "联系电话", "车型", "车身颜色", "车架号", "发动机号", "销售顾问", "购车方式",
    "成交价",
    "是否本店投保", "车牌号", "备注",
)  # fmt: skip
ORDER_HEADER = (
    "工单号", "开单时间", "车牌", "VIN", "车主", "送修人", "送修人电话", "维修类别", "进厂里程", "服务顾问",
    "主修技师", "故障描述",
    "维修项目", "工时费", "材料费", "合计金额", "结算时间", "交车时间",
)  # fmt: skip
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
ROWS = 8
#: lists of the days before repeat what stands already; one column says something new now and then
PAST_ORDER_HEADER = ("工单号", "进厂日期", "车架号", "车主", "结算日期", "预约单号")
PAST_DELIVERY_HEADER = ("交车日期", "客户姓名", "车架号", "备注")
PAST_DAYS = 14
NEWS_EVERY = 5
A_DAY = 24 * 60


def bring(world: World) -> None:
    """Every store's files of this morning."""
    for house in world.houses:
        dice = Dice("sheets", house.store.code)
        day = f"{world.today:%m%d}"
        _bring_the_days_before(world, house)
        _write(world, house, f"交车明细_{house.store.short_name}_{day}.xlsx", _deliveries(world, house, dice), 55)
        _write(world, house, f"维修工单_{house.store.short_name}_{day}.xlsx", _orders(world, house, dice), 48)
    first = world.houses[0]
    _upload(world, first, "扫描件.xlsx", PICTURE, 40)
    _upload(world, first, "交车明细_补录.xlsx", _deliveries(world, first, Dice("sheets", "more")), 12)


def _bring_the_days_before(world: World, house: House) -> None:
    """Lists brought yesterday morning; the deliveries of the second store came a day early: one day is missing."""
    days_ago = 1 if house is world.houses[0] else 2
    orders = _past(world, 2, ((order.checked_in_on, order, car) for car in house.cars for order in car.orders))
    rows: list[list[Any]] = [
        [order.order_number, day, car.vehicle.vin, car.owner.name, order.settled_on, f"YY{day:%y%m%d}" if news else ""]
        for day, order, car, news in orders
    ]
    book = _book(world.now, "维修工单", PAST_ORDER_HEADER, rows)
    _write(world, house, f"维修工单_{house.store.short_name}_补传.xlsx", book, A_DAY)
    found = ((car.delivery.delivered_on, car.delivery, car) for car in house.cars if car.delivery)
    handovers = _past(world, days_ago + 1, found)
    rows = [[day, car.owner.name, car.vehicle.vin, "赠脚垫" if news else ""] for day, _, car, news in handovers]
    book = _book(world.now, "交车明细", PAST_DELIVERY_HEADER, rows)
    _write(world, house, f"交车明细_{house.store.short_name}_补传.xlsx", book, days_ago * A_DAY)


def _past(world: World, until: int, found: Iterable[tuple[date, Any, Car]]) -> list[tuple[date, Any, Car, bool]]:
    """What happened in the days before, up to so many days ago, in its order; every fifth has news."""
    first, last = world.today - timedelta(days=PAST_DAYS), world.today - timedelta(days=until)
    chosen = sorted((one for one in found if first <= one[0] <= last), key=lambda one: (one[0], one[2].vehicle.vin))
    return [(*one, number % NEWS_EVERY == 0) for number, one in enumerate(chosen)]


def _upload(world: World, house: House, name: str, content: bytes, minutes_ago: int) -> ImportBatch:
    """Have a file read, as its page does."""
    batch = actions.upload(
        SimpleUploadedFile(name, content),
        store=house.store,
        layout="",
        by=house.staff["admin"][0],
        submission=Dice("upload", house.store.code, name).submission(),
        historical=False,
        now=world.now - timedelta(minutes=minutes_ago),
    )
    if batch.stage_job_id:
        runner.run(batch.stage_job_id)
    batch.refresh_from_db()
    return batch


def _write(world: World, house: House, name: str, content: bytes, minutes_ago: int) -> None:
    """Have a file read and written."""
    batch = _upload(world, house, name, content, minutes_ago)
    if batch.state != BatchState.PREVIEW:
        return
    now = world.now - timedelta(minutes=minutes_ago - 2)
    batch = actions.confirm(batch.pk, by=house.staff["admin"][0], now=now)
    if batch.apply_job_id:
        runner.run(batch.apply_job_id)


def _deliveries(world: World, house: House, dice: Dice) -> bytes:
    """Yesterday's deliveries; one row has a VIN that is too short."""
    unique = Unique(dice)
    unique.count = 900_000 + dice.randrange(1_000) * ROWS
    day = world.today - timedelta(days=1)
    rows: list[list[Any]] = []
    for number in range(1, ROWS + 1):
        vin = unique.vin("E5", day.year)
        rows.append([
            number, day.isoformat(), full_name(dice, dice.choice("mf")), f"1770000{dice.digits(4)}",
                "远岚 E5 长续航版",
            "珍珠白", vin if number != ROWS else vin[:-2], f"YL{dice.digits(7)}",
            dice.choice([one for one in house.staff["sales_consultant"] if one.left_on is None]).name, "全款",
            dice.randrange(149, 189) * 1000, "是", "未上牌", "",
        ])  # fmt: skip
    return _book(world.now, "交车明细", DELIVERY_HEADER, rows)


def _orders(world: World, house: House, dice: Dice) -> bytes:
    """Yesterday's orders of cars that the archive knows."""
    day = world.today - timedelta(days=1)
    cars = [car for car in house.cars if not any(order.state == OrderState.OPEN for order in car.orders)]
    rows: list[list[Any]] = []
    for number, car in enumerate(dice.sample(cars, ROWS), start=1):
        labour, parts = dice.randrange(80, 400), dice.randrange(0, 900)
        mileage = (car.vehicle.last_mileage_km or 3_000) + dice.randrange(200, 3_000)
        rows.append([
            f"RO{day:%y%m%d}{900 + number}", day.isoformat(), car.vehicle.plate_no or "未上牌", car.vehicle.vin,
            car.owner.name, car.owner.name, car.phone.number, "定期保养", mileage,
            dice.choice(house.staff["service_advisor"]).name, house.staff["technician:mechanical"][0].name,
                "按期保养",
            "更换机油机滤；全车检查", labour, parts, labour + parts, day.isoformat(), day.isoformat(),
        ])  # fmt: skip
    return _book(world.now, "维修工单", ORDER_HEADER, rows)


def _book(now: datetime, title: str, header: tuple[str, ...], rows: list[list[Any]]) -> bytes:
    return workbook_bytes([Sheet(title, [Column(name) for name in header], rows)], created=now)
