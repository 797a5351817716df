"""Questionnaires themselves: a new one, a store's own in place of the company's, the short form of a long one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction.actions.trees.drafts import create_draft
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.rules import designs

_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,19}")
SHORT = "_SHORT"


@dataclass(frozen=True)
class Named:
    """What a new questionnaire is called and counts for; store None is the company's."""

    store_id: int | None
    code: str
    kind: str
    label_zh: str
    label_en: str
    short_of: Questionnaire | None = None


@transaction.atomic
def create_questionnaire(named: Named, *, by: Employee, at: datetime) -> QuestionnaireVersion:
    """A new questionnaire with an empty first draft; refuses a code that is none, taken, or of another kind."""
    if not _CODE.fullmatch(named.code):
        raise RuleBroken(
            _("A code has 2 to 20 capital letters, digits and _, and begins with a letter, such as CSI_EV."),
            code="code", field="code",
        )  # fmt: skip
    if _of(named.store_id).filter(code=named.code).exists():
        raise _taken()
    return create_draft(_create(named, by), designs.Design(), by=by, at=at)


@transaction.atomic
def own_questionnaire(company: Questionnaire, store_id: int, *, by: Employee) -> Questionnaire:
    """A store's own questionnaire in place of the company's, made where there is none; asked once it is published."""
    Questionnaire.objects.select_for_update(no_key=True).get(pk=company.pk)  # one at a time: the second finds the first
    own = Questionnaire.objects.filter(store_id=store_id, code=company.code).first()
    if own is not None:
        return own
    named = Named(
        store_id, company.code, company.kind, company.label_zh, company.label_en, _long_form(company, store_id)
    )
    own = _create(named, by)
    Questionnaire.objects.filter(store_id=store_id, short_of=company).update(short_of=own)
    return own


def _long_form(company: Questionnaire, store_id: int) -> Questionnaire | None:
    """Of what a store's own short form is the short form: of its own long one where there is one."""
    if company.short_of is None:
        return None
    own = Questionnaire.objects.filter(store_id=store_id, code=company.short_of.code).first()
    return own or company.short_of


@transaction.atomic
def shorten_version(version: QuestionnaireVersion, *, by: Employee, at: datetime) -> QuestionnaireVersion:
    """A draft of the short form of a version: one item a factor, carrying the factor's weight.

    It goes to the short form that the questionnaire has, else to a new one with _SHORT at its code. Refuses the short
    form of a short form, and a tree without factors.
    """
    long_form = version.questionnaire
    if long_form.short_of_id is not None:
        raise RuleBroken(_("This is a short form already."), code="short")
    design = reading.design_of(version)
    if not design.factors:
        raise RuleBroken(_("A questionnaire without factors has no short form."), code="no_factors")
    short = _of(long_form.store_id).filter(short_of=long_form).first()
    short = short or _create(_short_name(long_form), by)
    return create_draft(short, designs.short_form(design), by=by, at=at, based_on=version)


def _short_name(long_form: Questionnaire) -> Named:
    code = long_form.code[: 20 - len(SHORT)] + SHORT
    if _of(long_form.store_id).filter(code=code).exists():
        raise RuleBroken(
            _("There is a questionnaire %(code)s already that is no short form of this one.") % {"code": code},
            code="taken",
        )
    with override("zh-hans"):
        zh = _("%(name)s, short form") % {"name": long_form.label_zh}
    en = f"{long_form.label_en}, short form"
    return Named(long_form.store_id, code, long_form.kind, zh[:120], en[:120], short_of=long_form)


def _of(store_id: int | None) -> QuerySet[Questionnaire]:
    """The questionnaires of a store, or of the company."""
    rows = Questionnaire.objects.all()
    return rows.filter(store=None) if store_id is None else rows.filter(store_id=store_id)


def _taken() -> RuleBroken:
    return RuleBroken(
        _("There is a questionnaire with this code already. Choose another."), code="taken", field="code"
    )  # fmt: skip


def check_kind(named: Named | Questionnaire) -> None:
    """Refuse a code that stands for another kind: rules ask by code, and a store's own goes before the company's."""
    others = Questionnaire.objects.filter(code=named.code).exclude(kind=named.kind)
    other = (others if named.store_id is None else others.filter(store=None)).first()
    if other is not None:
        text = _(
            "There is a questionnaire %(code)s already that counts for: %(kind)s. A store's own is asked in place of "
            "the company's, so both count for the same. Choose that, or another code."
        )
        raise RuleBroken(text % {"code": named.code, "kind": other.get_kind_display()}, code="kind", field="code")


def _create(named: Named, by: Employee) -> Questionnaire:
    check_kind(named)
    try:
        with transaction.atomic():
            row = Questionnaire.objects.create(
                store_id=named.store_id, code=named.code, kind=named.kind, label_zh=named.label_zh,
                label_en=named.label_en, short_of=named.short_of,
            )  # fmt: skip
    except IntegrityError as clash:  # the same code, a moment earlier
        raise _taken() from clash
    trail.record(by, "questionnaire.created", row, store_id=named.store_id, questionnaire=named.code)
    return row
