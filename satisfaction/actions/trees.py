"""Publishing a questionnaire: from then on it is asked and never edited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction import rules
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import items_of


@transaction.atomic
def publish_version(version_id: int, *, by: trail.Actor, at: datetime) -> QuestionnaireVersion:
    """Make a draft the version that is asked, and retire the one before it.

    Refuses what is no draft, a tree without questions, and weights that do not sum to exactly 100 (and within each
    factor to the factor's weight).
    """
    version = QuestionnaireVersion.objects.select_for_update().select_related("questionnaire").get(pk=version_id)
    if version.state != QuestionnaireVersion.State.DRAFT:
        raise RuleBroken(_("Only a draft can be published. Make a new version to change it."), code="not_draft")
    _check_weights(version)
    siblings = QuestionnaireVersion.objects.filter(questionnaire=version.questionnaire)
    siblings.published().update(state=QuestionnaireVersion.State.RETIRED, retired_at=at)
    version.state, version.published_at = QuestionnaireVersion.State.PUBLISHED, at
    version.save(update_fields=["state", "published_at"])
    trail.record(
        by,
        "questionnaire.published",
        version,
        store_id=version.questionnaire.store_id,
        questionnaire=version.questionnaire.code,
        number=version.number,
    )
    return version


def _check_weights(version: QuestionnaireVersion) -> None:
    """Refuse a tree that nobody could score."""
    items = items_of(version)
    if not items:
        raise RuleBroken(_("The questionnaire has no question yet. Add one, then publish."), code="empty")
    if not version.questionnaire.is_scored:
        return
    factors = {factor.code: factor for factor in version.factors.all()}
    for problem in rules.weight_problems(items, {code: factor.weight for code, factor in factors.items()}):
        numbers = {"found": f"{problem.found:f}", "wanted": f"{problem.wanted:f}"}
        if problem.factor:
            raise RuleBroken(
                _("The items of “%(factor)s” weigh %(found)s together, its factor %(wanted)s. Make them equal.")
                % {"factor": factors[problem.factor].label, **numbers},
                code="weights",
            )
        raise RuleBroken(
            _("The factors weigh %(found)s together. They must weigh exactly %(wanted)s.") % numbers, code="weights"
        )
