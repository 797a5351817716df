"""Installs the rules, scripts and call results that every installation starts with."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from revisits.defaults.phrases import PHRASES, PhraseRow
from revisits.defaults.results import RESULTS, ResultRow
from revisits.defaults.rules import FIRST_DAY, RULES, RuleRow
from revisits.defaults.scripts import SCRIPTS, ScriptRow
from revisits.models import CallResult, Phrase, RevisitRule, RuleVersion, Script, ScriptStep, ScriptVersion
from satisfaction.models import Questionnaire


def install() -> int:
    """Add each default that is not there yet; gives how many. What an admin has changed stays as it is."""
    made = sum(_install_result(position, row) for position, row in enumerate(RESULTS, start=1))
    made += sum(_install_phrase(position, row) for position, row in enumerate(PHRASES, start=1))
    made += sum(_install_script(row) for row in SCRIPTS)
    return made + sum(_install_rule(row) for row in RULES)


def _install_result(position: int, row: ResultRow) -> int:
    values: dict[str, Any] = row._asdict() | {"position": position}
    _, is_new = CallResult.objects.get_or_create(store=None, code=values.pop("code"), defaults=values)
    return int(is_new)


def _install_phrase(position: int, row: PhraseRow) -> int:
    values: dict[str, Any] = row._asdict() | {"position": position}
    _, is_new = Phrase.objects.get_or_create(store=None, code=values.pop("code"), defaults=values)
    return int(is_new)


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
