"""The questionnaires and their versions, read only: what is asked, with which weight, and whom it judges."""

from __future__ import annotations

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm_site.accounts import guard
from satisfaction.models import Question, Questionnaire, QuestionnaireVersion


@guard.needs("satisfaction.trees")
def trees(request: HttpRequest) -> HttpResponse:
    """All questionnaires with their versions and how often each was answered."""
    versions = QuestionnaireVersion.objects.annotate(
        question_count=Count("questions", distinct=True), answered=Count("responses", distinct=True)
    )
    rows = (
        Questionnaire.objects.visible_to(request.user)
        .select_related("store")
        .prefetch_related(Prefetch("versions", queryset=versions))
    )
    return render(request, "satisfaction/trees.html", {"questionnaires": rows})


@guard.needs("satisfaction.trees")
def tree(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of a questionnaire: factors, items, weights, attribution."""
    version = guard.get_or_404(QuestionnaireVersion.objects.select_related("questionnaire__store"), request, pk=pk)
    questions = list(Question.objects.filter(version=version).select_related("factor"))
    factors = [
        {"factor": factor, "items": [one for one in questions if one.factor_id == factor.pk]}
        for factor in version.factors.all()
    ]
    context = {
        "version": version,
        "factors": factors,
        "extras": [one for one in questions if one.factor_id is None],
        "total": sum(factor.weight for factor in version.factors.all()),
    }
    return render(request, "satisfaction/tree.html", context)
