"""The questionnaires with their versions, and one version: its tree, its facts, how it looks to the specialist."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import formats
from satisfaction import design_words
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading
from satisfaction.views.trees import drawing, rights

State = QuestionnaireVersion.State


@guard.needs(rights.CAPABILITY)
def trees(request: HttpRequest) -> HttpResponse:
    """All questionnaires with their versions, which is asked now, and how often each was answered."""
    versions = reading.with_counts(QuestionnaireVersion.objects.select_related("created_by", "published_by"))
    rows = (
        Questionnaire.objects.visible_to(request.user)
        .filter(policy.open_to(request.user, rights.CAPABILITY))
        .select_related("store", "short_of")
        .prefetch_related(Prefetch("versions", queryset=versions))
        .order_by("code", "store_id")
    )
    may_design = rights.designed_by(request.user)
    context = {
        "groups": [_group(row, may_design(row)) for row in rows],
        "may_start": policy.any_of(request.user, [rights.CAPABILITY]),
    }
    return render(request, "satisfaction/trees.html", context)


def _group(row: Questionnaire, may_design: bool) -> dict[str, Any]:
    versions = list(row.versions.all())
    return {
        "questionnaire": row,
        "versions": versions,
        "asked": next((one for one in versions if one.state == State.PUBLISHED), None),
        "may_design": may_design,
    }


@guard.needs(rights.CAPABILITY)
def tree(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: factors, items, weights, attribution, scale and words, and what can be done with it."""
    version = rights.version_to_read(request, pk)
    twin = reading.asked_now(version) or reading.company_twin(version)
    context = {
        "version": version,
        "questionnaire": version.questionnaire,
        **drawing.tree_rows(version),
        "facts": _facts(version),
        "words": drawing.words_table(version),
        "uses_words": any(one.kind == "words" for one in version.questions.all()),
        "preview": drawing.preview(version),
        "may_design": rights.may_design(request.user, version.questionnaire),
        "stores": _stores_for_copies(request, version),
        "compare_url": _compare_url(twin, version),
        "may_try": version.questionnaire.is_scored and policy.allows(request.user, "satisfaction.whatif"),
    }
    return render(request, "satisfaction/tree.html", context)


def _facts(version: QuestionnaireVersion) -> list[dict[str, Any]]:
    """Who made it when, from what, and how often it was answered."""
    source = version.based_on
    rows: list[dict[str, Any]] = [
        {"term": _("Counts for"), "text": version.questionnaire.get_kind_display()},
        {"term": _("Scored items"), "text": design_words.scale_word(version.scale)},
        {"term": _("Responses"), "text": formats.number(version.responses.count()), "num": True},
    ]
    if version.created_by:
        made = f"{version.created_by.name} {formats.when(version.created_at)}"
        rows.append({"term": _("Draft by"), "text": made, "num": True})
    if source:
        text = _("%(code)s version %(number)d") % {"code": _code_of(source, version), "number": source.number}
        rows.append({"term": _("Copied from"), "text": text, "url": reverse("satisfaction:tree", args=[source.pk])})
    if version.published_at:
        by = f"{version.published_by.name} " if version.published_by else ""
        rows.append({"term": _("Asked from"), "text": by + formats.when(version.published_at), "num": True})
    if version.retired_at:
        rows.append({"term": _("Asked until"), "text": formats.when(version.retired_at), "num": True})
    return rows


def _code_of(source: QuestionnaireVersion, version: QuestionnaireVersion) -> str:
    """The code of the questionnaire that a draft was copied from, without another query where it is the same."""
    if source.questionnaire_id == version.questionnaire_id:
        return version.questionnaire.code
    return source.questionnaire.code


def _stores_for_copies(request: HttpRequest, version: QuestionnaireVersion) -> list[Any]:
    """The stores for which the company's version may be copied as their own."""
    return [] if version.questionnaire.store_id else list(rights.stores_of(request.user))


def _compare_url(old: QuestionnaireVersion | None, new: QuestionnaireVersion) -> str:
    """Where a version stands beside what is asked now; '' where there is nothing to compare it with."""
    if old is None:
        return ""
    return f"{reverse('satisfaction:tree_compare')}?old={old.pk}&new={new.pk}"
