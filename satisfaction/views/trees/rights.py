"""Who may design which questionnaire: a store's manager the store's own, the company's an admin of every store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.places import may_set_company
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading

CAPABILITY = "satisfaction.trees"
COMPANY = "satisfaction.company_trees"


def may_design(user: Any, questionnaire: Questionnaire) -> bool:
    """Whether the user may edit, publish and retire the versions of a questionnaire."""
    return designed_by(user)(questionnaire)


def designed_by(user: Any) -> Callable[[Questionnaire], bool]:
    """May_design of one user for many questionnaires; the right to the company's is read once."""
    sets_company = may_design_company(user)
    stores = set(policy.stores_allowing(user, CAPABILITY))
    return lambda row: sets_company if row.store_id is None else row.store_id in stores


def may_design_company(user: Any) -> bool:
    """Whether the user makes questionnaires that hold for every store."""
    return may_set_company(user, COMPANY)


def stores_of(user: Any) -> QuerySet[Store]:
    """The stores for which the user may make questionnaires of their own."""
    return Store.objects.filter(pk__in=policy.stores_allowing(user, CAPABILITY), is_active=True).order_by("code")


def designable(user: Any) -> QuerySet[Questionnaire]:
    """The questionnaires of which the user may make drafts."""
    own = Q(store_id__in=policy.stores_allowing(user, CAPABILITY))
    if may_design_company(user):
        own |= Q(store=None)
    return Questionnaire.objects.visible_to(user).filter(own).select_related("store")


def version_to_read(request: HttpRequest, pk: int) -> QuestionnaireVersion:
    """A version with its tree; 404 for one of another store."""
    return guard.get_or_404(reading.loaded(QuestionnaireVersion.objects.all()), request, pk=pk)


def version_to_design(request: HttpRequest, pk: int) -> QuestionnaireVersion:
    """A version with its tree that this user may also change; 403 for a company's in the hands of a store's people."""
    version = version_to_read(request, pk)
    if not may_design(request.user, version.questionnaire):
        guard.refuse(request, "role", version)
    return version


def acting(request: HttpRequest, store_id: int | None) -> Employee:
    """As whom the user designs: in the questionnaire's store; the company's in one of those that they administer."""
    if store_id is not None:
        return guard.acting(request, store_id)
    if not may_design_company(request.user):
        guard.refuse(request, "role")
    return guard.acting(request, policy.stores_allowing(request.user, COMPANY)[0])
