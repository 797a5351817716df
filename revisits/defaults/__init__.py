"""Installs the rules, scripts and call results that every installation starts with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from revisits.defaults.inspection import SHEET
from revisits.defaults.phrases import PHRASES
from revisits.defaults.results import RESULTS
from revisits.defaults.rules import FIRST_DAY, RULES, RuleRow
from revisits.defaults.scripts import SCRIPTS, ScriptRow
from revisits.defaults.targets import TARGETS, TargetRow
from revisits.models import (
    CallResult,
    InspectionItem,
    Phrase,
    RevisitRule,
    RuleVersion,
    Script,
    ScriptStep,
    ScriptVersion,
    Target,
)
from satisfaction.models import Questionnaire


def install() -> int:
    """Add each default that is not there yet; gives how many. What an admin has changed stays as it is."""
    made = sum(
        _install_coded(model, rows)
        for model, rows in ((CallResult, RESULTS), (Phrase, PHRASES), (InspectionItem, SHEET))
    )
    made += sum(_install_script(row) for row in SCRIPTS)
    made += sum(_install_target(row) for row in TARGETS)
    return made + sum(_install_rule(row) for row in RULES)


def _install_coded(model: type, rows: Iterable[Any]) -> int:
    """Reference rows that have a code and a place in their list; the fields are those of the table's rows."""
    made = 0
    for position, row in enumerate(rows, start=1):
        values: dict[str, Any] = row._asdict() | {"position": position}
        code = values.pop("code")
        made += model.objects.get_or_create(store=None, code=code, defaults=values)[1]  # type: ignore[attr-defined]
    return made


def _install_script(row: ScriptRow) -> int:
    """One script with its first version and its steps."""
    labels = {"label_zh": row.label_zh, "label_en": row.label_en}
    script, is_new = Script.objects.get_or_create(store=None, code=row.code, defaults=labels)
    if not is_new:
        return 0
    version = ScriptVersion.objects.create(script=script, number=1, created_at=timezone.now())
    ScriptStep.objects.bulk_create(
        ScriptStep(version=version, position=position, **step._asdict())
        for position, step in enumerate(row.steps, start=1)
    )
    return 1


def _install_target(row: TargetRow) -> int:
    place: dict[str, Any] = {"store": None, "role": "", "month": None, "indicator": row.indicator}
    if Target.objects.filter(**place).exists():  # also one that holds no more
        return 0
    Target.objects.create(**place, value=row.percent)
    return 1


def _install_rule(row: RuleRow) -> int:
    """One rule with its first version."""
    rule, is_new = RevisitRule.objects.get_or_create(
        store=None,
        code=row.code,
        defaults={"label_zh": row.label_zh, "label_en": row.label_en, "priority": row.priority},
    )
    if not is_new:
        return 0
    RuleVersion.objects.create(
        rule=rule,
        number=1,
        effective_from=FIRST_DAY,
        is_on=row.is_on,
        anchor=row.anchor,
        offset_days=row.offset_days,
        window_before=row.window_before,
        window_after=row.window_after,
        tries=row.tries,
        owner_role=row.owner_role,
        whom=list(row.whom),
        purpose=row.purpose,
        questionnaire=_company_row(Questionnaire, row.questionnaire),
        script=_company_row(Script, row.script),
        needs_consent=row.needs_consent,
        capacity=row.capacity,
        capacity_number=row.capacity_number,
        conditions=row.conditions,
    )
    return 1


def _company_row(model: type, code: str) -> Any:
    """The company's own row of a reference table, None for no code; DEFAULTS must install it first."""
    return model.objects.get(store=None, code=code) if code else None  # type: ignore[attr-defined]
