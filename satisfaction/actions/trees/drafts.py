"""Drafts of questionnaires: made from nothing or from another version, edited by one person at a time, thrown away."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction import design_words
from satisfaction.models import Factor, Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.rules import designs

State = QuestionnaireVersion.State


@transaction.atomic
def create_draft(
    questionnaire: Questionnaire,
    design: designs.Design,
    *,
    by: Employee,
    at: datetime,
    note: str = "",
    based_on: QuestionnaireVersion | None = None,
) -> QuestionnaireVersion:
    """A new draft with the next number; refuses a design that cannot be kept (codes, names, kinds, words)."""
    design_words.check(design)
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)  # numbers are given one by one
    siblings = QuestionnaireVersion.objects.filter(questionnaire=questionnaire)
    version = QuestionnaireVersion.objects.create(
        questionnaire=questionnaire,
        number=(siblings.aggregate(last=Max("number"))["last"] or 0) + 1,
        scale=design.scale,
        words=reading.words_as_stored(design.words),
        based_on=_published_source(based_on),
        note=note.strip()[: designs.LONGEST_NOTE],
        created_at=at,
        created_by=by,
    )
    _write(version, design)
    _record(by, "questionnaire.drafted", version, based_on=version.based_on_id)
    return version


def copy_version(
    version: QuestionnaireVersion, *, to: Questionnaire, by: Employee, at: datetime
) -> QuestionnaireVersion:
    """A draft of `to` with the tree, scale and words of another version."""
    return create_draft(to, reading.design_of(version), by=by, at=at, based_on=version)


@transaction.atomic
def save_draft(version_id: int, design: designs.Design, *, note: str, shown: int, by: Employee) -> QuestionnaireVersion:
    """Give a draft another tree, scale, words and note.

    `shown` is the count of edits that the editor saw: where somebody has saved in between, nothing is written
    (code "stale"). Refuses what is no draft any more, and a design that cannot be kept.
    """
    version = _locked_draft(version_id)
    if version.edits != shown:
        raise RuleBroken(
            _("Somebody else has saved this draft in the meantime. Nothing of yours is saved yet; see below."),
            code="stale",
        )
    design_words.check(design)
    before = reading.design_of(version)
    Question.objects.filter(version=version).delete()
    Factor.objects.filter(version=version).delete()
    _write(version, design)
    version.scale, version.words = design.scale, reading.words_as_stored(design.words)
    version.note, version.edits = note.strip()[: designs.LONGEST_NOTE], version.edits + 1
    version.save(update_fields=["scale", "words", "note", "edits"])
    _record(by, "questionnaire.edited", version, changed=designs.compare(before, design).count)
    return version


@transaction.atomic
def delete_draft(version_id: int, *, by: Employee) -> None:
    """Throw a draft away; a questionnaire that has no version left and that nothing names goes with it."""
    version = _locked_draft(version_id)
    _record(by, "questionnaire.discarded", version)
    questionnaire = version.questionnaire
    version.delete()
    if questionnaire.versions.exists():
        return
    try:
        with transaction.atomic():
            questionnaire.delete()
    except ProtectedError:  # a rule asks it by its code, or a short form names it: it stays, without a version
        return


def _locked_draft(version_id: int) -> QuestionnaireVersion:
    """The draft, locked until the transaction ends; refuses any other version."""
    rows = QuestionnaireVersion.objects.select_for_update(of=("self",)).select_related("questionnaire")
    version = rows.get(pk=version_id)
    if version.state != State.DRAFT:
        raise RuleBroken(_("Only a draft can be changed. Copy this version into a new draft."), code="not_draft")
    return version


def _published_source(source: QuestionnaireVersion | None) -> QuestionnaireVersion | None:
    """What a draft is based on: never another draft, which may be thrown away."""
    if source is None or source.state != State.DRAFT:
        return source
    return source.based_on


def _write(version: QuestionnaireVersion, design: designs.Design) -> None:
    """Insert the factors and questions of a design."""
    factors = Factor.objects.bulk_create(
        Factor(
            version=version, code=one.code, weight=one.weight, position=place, label_zh=one.label_zh.strip(),
            label_en=one.label_en.strip(),
        )
        for place, one in enumerate(design.factors, start=1)
    )  # fmt: skip
    by_code = {factor.code: factor for factor in factors}
    Question.objects.bulk_create(
        Question(
            version=version, factor=by_code.get(one.factor), code=one.code, kind=one.kind, weight=one.weight,
            position=place, attribution=one.attribution, is_required=one.is_required,
            label_zh=one.label_zh.strip(), label_en=one.label_en.strip(),
        )
        for place, one in enumerate(design.items, start=1)
    )  # fmt: skip


def _record(by: Employee, action: str, version: QuestionnaireVersion, **detail: object) -> None:
    questionnaire = version.questionnaire
    trail.record(
        by, action, version, store_id=questionnaire.store_id, questionnaire=questionnaire.code, number=version.number,
        **detail,
    )  # fmt: skip
