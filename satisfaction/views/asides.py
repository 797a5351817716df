"""Where a page of scores leads beside its figures: what does not count in them, and what another version would say."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from satisfaction.models import QuestionnaireVersion
from satisfaction.views.lens import Lens


def asides_of(request: HttpRequest, lens: Lens) -> list[dict[str, Any]]:
    """The links that this user may follow, for the month that is looked at."""
    links = []
    if policy.allows(request.user, "satisfaction.not_counted"):
        path = reverse("satisfaction:not_counted")
        links.append({"label": _("Responses that do not count"), "url": f"{path}?{urlencode({'month': lens.month})}"})
    if policy.allows(request.user, "satisfaction.whatif"):
        links.append({"label": _("Try another version on this period"), "url": _trial(lens)})
    return links


def _trial(lens: Lens) -> str:
    """The what-if of the newest version of the kind that is looked at."""
    asked: dict[str, Any] = {"month": lens.month}
    rows = QuestionnaireVersion.objects.published().filter(questionnaire__kind=lens.kind)
    version = rows.filter(questionnaire__store_id__in=[*lens.scope.stores]).first() or rows.first()
    if version is not None:
        asked["version"] = version.pk
    return f"{reverse('satisfaction:whatif')}?{urlencode(asked)}"
