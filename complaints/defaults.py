"""What every installation starts with: levels and limits, categories, phrases, stages of escalation (domain 6.2)."""

from __future__ import annotations

from typing import Any

from complaints.models import Category, Escalation, Level, Phrase
from complaints.rules import escalation, levels
from crm_site.accounts.models import Department

HOUR = 60
DAY = 24 * HOUR
STORE, DAYTIME, NATURAL = Level.Clock.STORE, Level.Clock.NATURAL_DAYTIME, Level.Clock.NATURAL

#: code, Chinese, English, clock, minutes to response, to proposal, to closing, or legal working days to closing
LEVELS: tuple[tuple[Any, ...], ...] = (
    ("L1", "轻微抱怨", "Slight grievance", STORE, 1 * DAY, 2 * DAY, 3 * DAY, None),
    ("L2", "一般投诉", "Ordinary complaint", STORE, 2 * HOUR, 1 * DAY, 3 * DAY, None),
    ("L3", "严重投诉", "Serious complaint", DAYTIME, 1 * HOUR, 1 * DAY, 3 * DAY, None),
    ("L4", "重大投诉", "Grave complaint", NATURAL, 30, 1 * DAY, None, 7),
)

SALES, SERVICE, WORKSHOP = Department.SALES, Department.SERVICE, Department.WORKSHOP
PARTS, FINANCE, PRODUCT = Department.PARTS, Department.FINANCE, Department.PRODUCT

#: code, Chinese, English, department, whom the head is proposed as directly liable; children follow their parent
CATEGORIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("sales", "销售", "Sales", SALES, "sales_consultant"),
    ("sales.attitude", "销售态度", "Sales attitude", SALES, "sales_consultant"),
    ("sales.promise", "销售承诺", "Promises", SALES, "sales_consultant"),
    ("sales.price", "车价", "Price of the car", SALES, "sales_consultant"),
    ("sales.delivery_time", "交车时间", "Delivery date", SALES, "delivery_specialist"),
    ("sales.paperwork", "手续证件", "Paperwork", FINANCE, "insurance_clerk"),
    ("sales.gifts", "赠品", "Gifts", SALES, "sales_consultant"),
    ("service", "服务接待", "Reception", SERVICE, "service_advisor"),
    ("service.attitude", "接待态度", "Attitude", SERVICE, "service_advisor"),
    ("service.expertise", "接待专业", "Expertise", SERVICE, "service_advisor"),
    ("service.waiting", "等待", "Waiting", SERVICE, "service_advisor"),
    ("service.explanation", "解释说明", "Explanation", SERVICE, "service_advisor"),
    ("repair", "维修质量", "Repair quality", WORKSHOP, "technicians"),
    ("repair.not_fixed", "未修复", "Not fixed", WORKSHOP, "technicians"),
    ("repair.rework", "返修", "Rework", WORKSHOP, "technicians"),
    ("repair.misdiagnosis", "误判", "Misdiagnosis", WORKSHOP, "technicians"),
    ("repair.body", "钣金", "Sheet metal", WORKSHOP, "tech_body"),
    ("repair.paint", "喷漆", "Paint", WORKSHOP, "tech_paint"),
    ("repair.mechanical", "机电", "Mechanical and electrical", WORKSHOP, "tech_mechanical"),
    ("time", "维修时间", "Repair time", SERVICE, "service_advisor"),
    ("time.overrun", "超时", "Overrun", SERVICE, "service_advisor"),
    ("time.not_told", "延误未告知", "Delay not announced", SERVICE, "service_advisor"),
    ("charges", "收费价格", "Charges", SERVICE, "service_advisor"),
    ("charges.labour", "工时费", "Labour", SERVICE, "service_advisor"),
    ("charges.parts", "配件价格", "Price of parts", SERVICE, "service_advisor"),
    ("charges.transparency", "收费透明", "Transparency", SERVICE, "service_advisor"),
    ("parts", "配件", "Parts", PARTS, "department"),
    ("parts.out_of_stock", "缺货", "Out of stock", PARTS, "department"),
    ("parts.slow", "到货慢", "Slow arrival", PARTS, "department"),
    ("parts.quality", "配件质量", "Quality of parts", PARTS, "department"),
    ("product", "产品质量", "Product quality", PRODUCT, "manufacturer"),
    ("product.powertrain", "动力", "Powertrain", PRODUCT, "manufacturer"),
    ("product.electrical", "电气", "Electrical", PRODUCT, "manufacturer"),
    ("product.chassis", "底盘", "Chassis", PRODUCT, "manufacturer"),
    ("product.body", "车身", "Body", PRODUCT, "manufacturer"),
    ("product.infotainment", "车机", "Infotainment", PRODUCT, "manufacturer"),
    ("product.ev", "三电", "Electric drive", PRODUCT, "manufacturer"),
    ("environment", "环境设施", "Premises", SERVICE, "department"),
    ("insurance", "保险金融", "Insurance and finance", FINANCE, "insurance_clerk"),
    ("other", "其他", "Other", "", ""),
)


def install() -> int:
    """Add the company's rows that are missing; returns how many are new. Safe to run again."""
    return _install_levels() + _install_categories() + _install_phrases() + _install_stages()


def _install_levels() -> int:
    made = 0
    for rank, (code, label_zh, label_en, clock, response, proposal, closing, working_days) in enumerate(LEVELS, 1):
        _, new = Level.objects.get_or_create(
            store=None,
            code=code,
            defaults={
                "rank": rank,
                "label_zh": label_zh,
                "label_en": label_en,
                "clock": clock,
                "response_minutes": response,
                "proposal_minutes": proposal,
                "closing_minutes": closing,
                "closing_working_days": working_days,
            },
        )
        made += new
    return made


def _install_categories() -> int:
    made, rows = 0, {}
    for position, (code, label_zh, label_en, department, liable) in enumerate(CATEGORIES, 1):
        rows[code], new = Category.objects.get_or_create(
            store=None,
            code=code,
            defaults={
                "parent": rows.get(code.rpartition(".")[0]),
                "label_zh": label_zh,
                "label_en": label_en,
                "department": department,
                "proposed_liable": liable,
                "position": position * 10,
            },
        )
        made += new
    return made


def _install_phrases() -> int:
    lists = zip(Phrase.Effect, levels.DEFAULT, strict=True)
    rows = [Phrase(text=text, effect=effect) for effect, texts in lists for text in texts]
    known = set(Phrase.objects.filter(store=None).values_list("text", flat=True))
    return len(Phrase.objects.bulk_create(row for row in rows if row.text not in known))


def _install_stages() -> int:
    """The stages of a level are installed together: where an admin has changed one, none comes back."""
    known = set(Escalation.objects.filter(store=None).values_list("level_code", flat=True))
    wanted = {code: stages for code, stages in escalation.STAGES.items() if code not in known}
    rows = [
        Escalation(level_code=code, percent=one.percent, role=one.role) for code, all_ in wanted.items() for one in all_
    ]
    return len(Escalation.objects.bulk_create(rows))
