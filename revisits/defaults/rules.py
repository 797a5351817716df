"""The 22 default rules (domain 4.1), as a plain table."""

from datetime import date
from typing import Any, NamedTuple

from crm_site.accounts.models import Role
from revisits.models import Anchor, RuleVersion

Purpose = RuleVersion.Purpose

#: the defaults have always been in force; a store's first day is Store.go_live_on
FIRST_DAY = date(2000, 1, 1)

#: 投诉确认 > (promised) > 满意度 > 提醒 > 关怀 > 流失; lower is called first
CONFIRMATION, REWORK, SALES, SERVICE, REMINDER, CARE, LOSS = 10, 30, 31, 32, 40, 50, 60

PICKER_FIRST = ("picker", "owner")
BRINGER_FIRST = ("bringer", "driver", "owner")
DRIVER_FIRST = ("driver", "owner")
OWNER = ("owner",)

Capacity = RuleVersion.Capacity
#: SVC_D3 when short: a draw until each employee has so many valid answers a month; LOST and INS: a share of the day
DRAW_UNTIL, QUOTA_PERCENT = 15, 10


class RuleRow(NamedTuple):
    """One rule with its first version."""

    code: str
    label_zh: str
    label_en: str
    priority: int
    anchor: str
    offset_days: int
    window_before: int
    window_after: int
    tries: int
    whom: tuple[str, ...]
    purpose: str
    questionnaire: str
    script: str
    is_on: bool = True
    owner_role: str = Role.SPECIALIST
    conditions: dict[str, Any] = {}
    needs_consent: bool = False
    capacity: str = Capacity.ALWAYS
    capacity_number: int = 0


def _renewal(code: str, days: int, *, is_on: bool) -> RuleRow:
    """One of the renewal calls; each is made until the next one would be due, the last one until the end."""
    return RuleRow(
        code, f"续保提醒（提前 {days} 天）", f"Renewal reminder, {days} days ahead", REMINDER,
        Anchor.INSURANCE, -days, 0, 15, 2, OWNER, Purpose.MARKETING, "RENEWAL", "INS",
        is_on=is_on, needs_consent=True, capacity=Capacity.QUOTA, capacity_number=QUOTA_PERCENT,
    )  # fmt: skip


#: those who stay away are a share of the day's calls
_LOST: dict[str, Any] = {"script": "LOST", "capacity": Capacity.QUOTA, "capacity_number": QUOTA_PERCENT}

RULES = (
    RuleRow(
        "DLV_D1", "交车次日关怀", "Care on the day after delivery", CARE, Anchor.DELIVERY, 1, 0, 1, 2,
        PICKER_FIRST, Purpose.CARE, "DLV_D1", "DLV_CARE",
        owner_role=Role.FRONTLINE, conditions={"where_role": "frontline"},
    ),
    RuleRow(
        "DLV_D3", "交车后 3 日满意度", "Satisfaction, 3 days after delivery", SALES, Anchor.DELIVERY, 3, 0, 3, 3,
        PICKER_FIRST, Purpose.REVISIT, "SSI", "DLV_SAT",
        conditions={"scored": True, "short_form": "DLV_D1", "always": True},
    ),
    RuleRow(
        "DLV_D7", "交车后 7 日用车回访", "Use of the car, 7 days after delivery", CARE, Anchor.DELIVERY, 7, 0, 3, 3,
        PICKER_FIRST, Purpose.CARE, "USAGE", "DLV_CARE", is_on=False, owner_role=Role.FRONTLINE,
    ),
    RuleRow(
        "DLV_M1", "交车后 1 个月", "1 month after delivery", CARE, Anchor.DELIVERY, 30, 5, 5, 2,
        ("owner",), Purpose.CARE, "USAGE", "DLV_CARE",
    ),
    RuleRow(
        "DLV_M3", "交车后 3 个月", "3 months after delivery", CARE, Anchor.DELIVERY, 90, 10, 10, 2,
        ("owner",), Purpose.CARE, "USAGE", "DLV_CARE", is_on=False,
    ),
    RuleRow(
        "SVC_D3", "维修后 3 日满意度", "Satisfaction, 3 days after service", SERVICE, Anchor.ORDER, 3, 1, 2, 3,
        BRINGER_FIRST, Purpose.REVISIT, "CSI_SHORT", "SVC_SAT",
        conditions={"scored": True, "full_form": "CSI", "full_form_percent": 10},
        capacity=Capacity.DRAW, capacity_number=DRAW_UNTIL,
    ),
    RuleRow(
        "SVC_RW1", "返修后次日", "Day after rework", REWORK, Anchor.REWORK, 1, 0, 1, 3,
        ("bringer", "owner"), Purpose.REVISIT, "REWORK", "SVC_REWORK",
    ),
    RuleRow(
        "CMP_CFM", "投诉处理后回访", "Confirming call after a complaint", CONFIRMATION, Anchor.COMPLAINT_SOLVED,
        1, 0, 1, 3, ("complainant",), Purpose.COMPLAINT, "CMP_CFM", "CMP_CFM", conditions={"always": True},
    ),
    RuleRow(
        "CMP_D30", "投诉后 30 天复查", "Check 30 days after a complaint", CARE, Anchor.COMPLAINT_CLOSED, 30, 0, 5, 1,
        ("complainant",), Purpose.CARE, "", "CMP_CHECK", is_on=False,
    ),
    RuleRow(
        "FS_REMIND", "首保提醒", "First-service reminder", REMINDER, Anchor.FIRST_SERVICE, -15, 0, 15, 3,
        DRIVER_FIRST, Purpose.REMINDER, "REMINDER", "FS",
    ),
    RuleRow(
        "FS_LATE", "首保逾期", "First service late", REMINDER, Anchor.FIRST_SERVICE, 15, 0, 15, 2,
        DRIVER_FIRST, Purpose.REMINDER, "LATE_REASON", "FS_LATE",
    ),
    RuleRow(
        "MT_REMIND", "定保提醒", "Maintenance reminder", REMINDER, Anchor.MAINTENANCE, -10, 0, 15, 2,
        DRIVER_FIRST, Purpose.REMINDER, "REMINDER", "MT",
    ),
    _renewal("INS_45", 45, is_on=False),
    _renewal("INS_30", 30, is_on=True),
    _renewal("INS_15", 15, is_on=False),
    RuleRow(
        "INSP_45", "年检提醒", "Inspection reminder", REMINDER, Anchor.INSPECTION, -45, 0, 30, 2,
        OWNER, Purpose.REMINDER, "REMINDER", "INSP",
    ),
    RuleRow(
        "WTY_30", "保修到期提醒", "End of warranty", REMINDER, Anchor.WARRANTY, -30, 0, 30, 1,
        OWNER, Purpose.REMINDER, "REMINDER", "WTY", is_on=False,
    ),
    RuleRow(
        "BDAY", "生日关怀", "Birthday", CARE, Anchor.BIRTHDAY, 0, 0, 0, 1,
        OWNER, Purpose.CARE, "", "BDAY", is_on=False, needs_consent=True,
    ),
    RuleRow(
        "ANNIV", "购车周年", "Anniversary of the purchase", CARE, Anchor.ANNIVERSARY, 0, 0, 3, 1,
        OWNER, Purpose.CARE, "", "ANNIV", is_on=False,
    ),
    RuleRow(
        "LOST_6M", "流失预警", "Loss warning", LOSS, Anchor.MAINTENANCE, 60, 0, 30, 3,
        DRIVER_FIRST, Purpose.CARE, "LOSS", **_LOST,
    ),
    RuleRow(
        "LOST_9M", "流失预警二次", "Second loss warning", LOSS, Anchor.MAINTENANCE, 150, 0, 30, 2,
        DRIVER_FIRST, Purpose.CARE, "LOSS", is_on=False, **_LOST,
    ),
    RuleRow(
        "LOST_12M", "流失招揽", "Win-back", LOSS, Anchor.LAST_VISIT, 365, 0, 60, 3,
        DRIVER_FIRST, Purpose.MARKETING, "WIN_BACK", owner_role=Role.MANAGER, **_LOST,
    ),
)  # fmt: skip
