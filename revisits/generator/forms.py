"""Which form an existing call asks, by the same rules as when it was made."""

from __future__ import annotations

from datetime import timedelta

from revisits.generator.context import context_for
from revisits.generator.drafting import FULL_FORMS
from revisits.models import Revisit, State
from revisits.rules import contact
from satisfaction.models import FACE_TO_FACE, QuestionnaireVersion, Response


def version_for(revisit: Revisit) -> QuestionnaireVersion | None:
    """The questionnaire version that a call asks when no complaint is open; None for none."""
    version = revisit.rule_version
    code = contact.form_code(
        version.questionnaire.code if version.questionnaire else "",
        version.conditions,
        anchor_key=revisit.anchor_key,
        had_full_form=_had_full_form(revisit),
        open_complaint=False,
    )
    asked = context_for(revisit.store_id, revisit.due_on, revisit.due_on).forms.get(code)
    rows = QuestionnaireVersion.objects.select_related("questionnaire")
    return rows.filter(pk=asked).first() if asked else None


def _had_full_form(revisit: Revisit) -> bool:
    """Whether another call to the same number within 30 days has a long form, or one was answered face to face."""
    if revisit.phone is None:
        return False
    near = timedelta(days=contact.FULL_FORM_DAYS)
    others = Revisit.objects.filter(store_id=revisit.store_id, phone__number=revisit.phone.number)
    others = others.filter(due_on__gt=revisit.due_on - near, due_on__lt=revisit.due_on + near).exclude(pk=revisit.pk)
    long_form = others.filter(questionnaire_version__questionnaire__code__in=FULL_FORMS)
    if long_form.exclude(state__in=[State.EXCUSED, State.CANCELLED]).exists():
        return True
    answered = Response.objects.filter(store_id=revisit.store_id, channel=FACE_TO_FACE)
    answered = answered.filter(version__questionnaire__code__in=FULL_FORMS, called_on__gt=revisit.due_on - near)
    return answered.filter(customer__phones__number=revisit.phone.number).exists()
