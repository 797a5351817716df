"""Who may design which questionnaire: a store's manager the store's own, an administrator the company's as well."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import designs as reading

CAPABILITY = "satisfaction.trees"
COMPANY = "satisfaction.company_trees"


def may_design(user: Any, questionnaire: Questionnaire) -> bool:
    """Whether the user may edit, publish and retire the versions of a questionnaire."""
    if questionnaire.store_id is None:
        return policy.allows(user, COMPANY)
    return policy.allows(user, CAPABILITY, questionnaire.store_id)


def stores_of(user: Any) -> QuerySet[Store]:
    """The stores for which the user may make questionnaires of their own."""
    return Store.objects.filter(pk__in=policy.stores_allowing(user, CAPABILITY), is_active=True).order_by("code")


def designable(user: Any) -> QuerySet[Questionnaire]:
    """The questionnaires of which the user may make drafts."""
    own = Q(store_id__in=policy.stores_allowing(user, CAPABILITY))
    if policy.allows(user, COMPANY):
        own |= Q(store=None)
    return Questionnaire.objects.visible_to(user).filter(own).select_related("store")


def version_to_read(request: HttpRequest, pk: int) -> QuestionnaireVersion:
    """A version with its tree; 404 for one of another store."""
    return guard.get_or_404(reading.loaded(QuestionnaireVersion.objects.all()), request, pk=pk)


def version_to_design(request: HttpRequest, pk: int) -> QuestionnaireVersion:
    """A version with its tree that this user may also change; 403 for a company's in the hands of a manager."""
    version = version_to_read(request, pk)
    if not may_design(request.user, version.questionnaire):
        guard.refuse(request, "role", version)
    return version


def acting(request: HttpRequest, store_id: int | None) -> Employee:
    """As whom the user designs: in the questionnaire's store; the company's in a store where they administer."""
    if store_id is not None:
        return guard.acting(request, store_id)
    stores = policy.stores_allowing(request.user, COMPANY)
    if not stores:
        guard.refuse(request, "role")
    return guard.acting(request, stores[0])
