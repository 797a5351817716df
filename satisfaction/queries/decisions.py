"""Low answers that wait for a decision, as far as a user may decide about them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from crm_site.accounts import policy
from crm_site.accounts.models import Role
from crm_site.accounts.scoping import headed_groups
from satisfaction.models import Answer, Decision, Response

#: what may be decided, in the order of the page
CHOICES = (Decision.SETTLED, Decision.GRIEVANCE, Decision.COMPLAINT, Decision.WAIVED)
LONGEST_REASON = 500
CAPABILITY = "satisfaction.decide"


def in_reach(user: Any) -> QuerySet[Response]:
    """The responses about whose low answers a user may decide: of the stores; a head's, where one judges his part."""
    stores = policy.stores_allowing(user, CAPABILITY)
    headed = set(user.stores_with({Role.HEAD}))
    scope = Q(store_id__in=[pk for pk in stores if pk not in headed])
    for departments, store_ids in headed_groups(user):
        judged = Answer.objects.filter(response=OuterRef("pk"), is_low=True, department__in=departments)
        scope |= Q(Exists(judged), store_id__in=[pk for pk in store_ids if pk in stores])
    return Response.objects.visible_to(user).filter(scope)


def awaiting(user: Any) -> QuerySet[Response]:
    """Those that nobody has decided about yet, to be shown with `with_low_answers`."""
    return in_reach(user).filter(decision=Decision.PENDING, excluded_at=None)


def with_low_answers(rows: QuerySet[Response], user: Any) -> QuerySet[Response]:
    """The responses with what their pages show, and `low_answers`: a head's only those about his departments."""
    low = Answer.objects.filter(is_low=True).select_related("question").order_by("question__position", "pk")
    whole = user.stores_with(set(Role.values) - {Role.HEAD})
    reach = Q(response__store_id__in=whole)
    for departments, store_ids in headed_groups(user):
        reach |= Q(response__store_id__in=store_ids, department__in=departments)
    low = low.filter(reach).prefetch_related("attributions__employee")
    return rows.select_related(
        "customer", "vehicle", "store", "version__questionnaire", "delivery", "repair_order"
    ).prefetch_related(Prefetch("answers", queryset=low, to_attr="low_answers"))
