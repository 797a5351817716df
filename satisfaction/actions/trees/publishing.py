"""Publishing a questionnaire: from then on it is asked and never edited; retiring it: nobody is asked it any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import hooks
from crm_site.core.errors import RuleBroken
from satisfaction import design_words
from satisfaction.actions.trees.questionnaires import check_kind
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading

State = QuestionnaireVersion.State
#: how many of the rules that still ask a questionnaire are named
NAMED = 3


@transaction.atomic
def publish_version(
    version_id: int, *, by: trail.Actor, at: datetime, shown: int | None = None
) -> QuestionnaireVersion:
    """Make a draft the version that is asked, and retire the one before it.

    Refuses what is no draft, a draft that was edited since it was looked at (`shown` is the count of edits that was
    seen), one whose code counts for another kind elsewhere, a tree without questions, and weights that do not sum to
    exactly 100 (and within each factor to the factor's weight), saying where and by how much.
    """
    version = _locked(version_id)
    if version.state != State.DRAFT:
        raise RuleBroken(_("Only a draft can be published. Make a new version to change it."), code="not_draft")
    if shown is not None and shown != version.edits:
        raise RuleBroken(
            _("The draft was changed since you looked at it. Look at the differences again, then publish."),
            code="stale",
        )
    check_kind(version.questionnaire)
    design_words.check_for_publishing(reading.design_of(version), is_scored=version.questionnaire.is_scored)
    siblings = QuestionnaireVersion.objects.filter(questionnaire=version.questionnaire)
    siblings.published().update(state=State.RETIRED, retired_at=at)
    version.state, version.published_at = State.PUBLISHED, at
    version.published_by = by if isinstance(by, Employee) else None
    version.save(update_fields=["state", "published_at", "published_by"])
    _record(by, "questionnaire.published", version)
    return version


@transaction.atomic
def retire_version(version_id: int, *, by: trail.Actor, at: datetime) -> QuestionnaireVersion:
    """Ask a published version no more; its responses stay as they are.

    Refuses what is not published, and a version that a rule which is on would still ask in a store where no other
    version takes over.
    """
    version = _locked(version_id)
    if version.state != State.PUBLISHED:
        raise RuleBroken(_("Only a published version can be retired."), code="not_published")
    uses = uses_left(version)
    if uses:
        named = _(", ").join(uses[:NAMED]) + ("…" if len(uses) > NAMED else "")
        raise RuleBroken(
            _("Still asked by %(rules)s. Publish another version, or let these rules ask another questionnaire first.")
            % {"rules": named},
            code="in_use",
        )
    version.state, version.retired_at = State.RETIRED, at
    version.save(update_fields=["state", "retired_at"])
    _record(by, "questionnaire.retired", version)
    return version


def uses_left(version: QuestionnaireVersion) -> list[str]:
    """The rules, by name and store, that would have nothing to ask without this version."""
    store_ids = reading.stores_left_without(version)
    if not store_ids:
        return []
    code = version.questionnaire.code
    return [name for hook in hooks.load("QUESTIONNAIRE_USES") for name in hook(code, store_ids)]


def _locked(version_id: int) -> QuestionnaireVersion:
    """The version, locked after its questionnaire: of several drafts one is published at a time."""
    of_version = Questionnaire.objects.filter(versions=version_id)
    Questionnaire.objects.select_for_update(no_key=True).get(pk__in=of_version.values("pk"))
    rows = QuestionnaireVersion.objects.select_for_update(of=("self",)).select_related("questionnaire")
    return rows.get(pk=version_id)


def _record(by: trail.Actor, action: str, version: QuestionnaireVersion) -> None:
    questionnaire = version.questionnaire
    trail.record(
        by, action, version, store_id=questionnaire.store_id, questionnaire=questionnaire.code, number=version.number
    )
