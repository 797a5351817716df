"""How a draft begins: a copy of a version, the short form of one, or a new questionnaire."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm_site.accounts import guard
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.actions.trees.questionnaires import Named
from satisfaction.forms.trees import CopyForm, NewQuestionnaireForm
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.views.trees import rights


@require_POST
@guard.needs(rights.CAPABILITY)
def tree_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft like a version: of the same questionnaire, or as a store's own in place of the company's."""
    version = rights.version_to_read(request, pk)
    form = CopyForm(request.POST, stores=rights.stores_of(request.user))
    if not form.is_valid():
        messages.error(request, _("Choose a store that is offered here."))
        return redirect("satisfaction:tree", pk=pk)
    store = form.cleaned_data["store"]
    is_own = store is not None and version.questionnaire.store_id is None
    if not is_own and not rights.may_design(request.user, version.questionnaire):
        guard.refuse(request, "role", version)
    by = rights.acting(request, store.pk if is_own else version.questionnaire.store_id)
    to: Questionnaire = version.questionnaire
    try:
        if is_own:
            to = actions.own_questionnaire(to, store.pk, by=by)
        draft = actions.copy_version(version, to=to, by=by, at=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("satisfaction:tree", pk=pk)
    return _to_editor(request, draft)


@require_POST
@guard.needs(rights.CAPABILITY)
def tree_shorten(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft of the short form of a version."""
    version = rights.version_to_design(request, pk)
    by = rights.acting(request, version.questionnaire.store_id)
    try:
        draft = actions.shorten_version(version, by=by, at=clock.now())
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect("satisfaction:tree", pk=pk)
    return _to_editor(request, draft)


@require_http_methods(["GET", "HEAD", "POST"])
@guard.needs(rights.CAPABILITY)
def tree_new(request: HttpRequest) -> HttpResponse:
    """A questionnaire from nothing; its first draft is opened."""
    for_company = rights.may_design_company(request.user)
    form = NewQuestionnaireForm(request.POST or None, stores=rights.stores_of(request.user), for_company=for_company)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        store_id = said["store"].pk if said["store"] else None
        named = Named(store_id, said["code"].strip().upper(), said["kind"], said["label_zh"], said["label_en"])
        try:
            draft = actions.create_questionnaire(named, by=rights.acting(request, store_id), at=clock.now())
            return _to_editor(request, draft)
        except RuleBroken as refused:
            form.add_error(refused.field or None, refused.message)
    return render(request, "satisfaction/tree_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _to_editor(request: HttpRequest, draft: QuestionnaireVersion) -> HttpResponse:
    messages.success(request, _("Draft made: version %(number)d. Nobody is asked it yet.") % {"number": draft.number})
    return redirect("satisfaction:tree_edit", pk=draft.pk)
