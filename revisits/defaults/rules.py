"""The default rules that hang on deliveries, repair orders and complaints (domain 4.1), as a plain table."""

from datetime import date
from typing import Any, NamedTuple

from crm_site.accounts.models import Role
from revisits.models import Anchor, RuleVersion

Purpose = RuleVersion.Purpose

#: the defaults have always been in force; a store's first day is Store.go_live_on
FIRST_DAY = date(2000, 1, 1)

#: 投诉确认 > (promised) > 满意度 > 提醒 > 关怀 > 流失; lower is called first
CONFIRMATION, REWORK, SALES, SERVICE, CARE = 10, 30, 31, 32, 50

PICKER_FIRST = ("picker", "owner")
BRINGER_FIRST = ("bringer", "driver", "owner")


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
)  # fmt: skip
