"""What every page's frame shows: navigation, stores, language, the person, unread notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from complaints import queries
from crm_site.accounts import policy
from crm_site.accounts.models import Role, Store
from crm_site.core import clock
from crm_site.core.paging import capped_count
from crm_site.core.returning import page_that_was_open
from crm_site.jobs import pulse
from crm_site.notices.models import Notice
from revisits.queries import lists
from satisfaction.queries.decisions import awaiting


@dataclass(frozen=True)
class Place:
    """One entry of the navigation: shown to whoever has the capability; who has not may get `otherwise`, if any."""

    label: str | Promise
    url_name: str
    icon: str
    capability: str
    #: a page under this one's address for whoever may open that one only
    otherwise: Place | None = None


INSTALLATION = Place(_("Installation"), "jobs:room", "cpu", "jobs.room")
#: the work places first, then what is administered; design guide section 3
PLACES: list[tuple[str | Promise, list[Place]]] = [
    (
        "",
        [
            Place(_("Home"), "dashboard:home", "house", "home"),
            Place(_("Today's calls"), "revisits:today", "telephone", "revisits.desk"),
            Place(_("Customers"), "customers:list", "people", "customers.view"),
            Place(_("Archive care"), "customers:care", "archive", "customers.care"),
            Place(_("Bookings"), "customers:bookings", "calendar-check", "customers.bookings"),
            Place(_("Feedback in person"), "satisfaction:tablet", "tablet", "satisfaction.ask"),
            Place(_("Complaints"), "complaints:list", "chat-left-text", "complaints.view"),
            Place(_("Satisfaction"), "satisfaction:dashboard", "bar-chart", "satisfaction.view"),
            Place(_("Waiting low answers"), "satisfaction:decisions", "clipboard-check", "satisfaction.decide"),
            Place(_("Indicators"), "revisits:indicators", "speedometer2", "indicators.view"),
            Place(_("Monthly report"), "reports:list", "file-earmark-text", "reports.view"),
            Place(_("My month"), "reports:mine", "person-lines-fill", "reports.own"),
        ],
    ),
    (
        _("Administration"),
        [
            Place(_("Import"), "imports:list", "file-earmark-arrow-up", "imports.run"),
            Place(_("Revisit rules"), "revisits:rules", "sliders", "revisits.rules"),
            Place(_("Complaint settings"), "complaints:settings", "gear", "complaints.settings"),
            Place(_("Closing of months"), "reports:settings_home", "calendar-check", "reports.settings"),
            Place(_("Questionnaires"), "satisfaction:trees", "ui-checks", "satisfaction.trees"),
            Place(_("Targets"), "revisits:targets", "bullseye", "indicators.targets"),
            Place(_("Manufacturer's sheets"), "reports:layouts", "file-earmark-spreadsheet", "reports.layouts"),
            Place(_("People"), "accounts:people", "person-badge", "people.view"),
            Place(_("Working time"), "worktime:overview", "calendar3", "worktime.view"),
            Place(_("Background jobs"), "jobs:list", "cpu", "jobs.view", INSTALLATION),
            Place(_("Personal data"), "privacy:home", "shield-lock", "privacy.requests"),
            Place(_("Audit log"), "history:list", "clock-history", "audit.view"),
        ],
    ),
]


@dataclass
class Shell:
    """The frame's variables; see docs/design.md."""

    user_label: str = ""
    theme: str = "light"
    language: str = ""
    #: where the menus of language, theme and store lead back to
    path: str = "/"
    nav: list[dict[str, Any]] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    store: Store | None = None
    unread: int = 0
    #: what to say of background work that stands still; None while it goes on
    standing: dict[str, Any] | None = None


def shell(request: HttpRequest) -> dict[str, Any]:
    """The `shell` variable of every template; empty before signing in. Read only when a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> Shell:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Shell(language=get_language() or "", path=page_that_was_open(request))
    stores = list(Store.objects.filter(pk__in=user.roles_by_store))
    current = next((store for store in stores if store.pk == user.narrowed_store_id), None)
    current = stores[0] if len(stores) == 1 else current
    roles = {user.role_in(pk) for pk in user.store_ids}
    return Shell(
        user_label=" · ".join([user.name, *(str(role.label) for role in Role if role in roles)][:2]),
        theme=user.theme,
        language=get_language() or "",
        path=page_that_was_open(request),
        nav=navigation(request),
        stores=stores,
        store=current,
        unread=Notice.objects.visible_to(user).unread().count(),
        standing=standing_still(request),
    )


#: where a call list is worked at: whoever works there is told that a new one may be late
AT_WORK = ("dashboard:home", "revisits:today")


def standing_still(request: HttpRequest) -> dict[str, Any] | None:
    """What to say when worker or clock have been silent for two minutes: to whoever answers for it on every page,
    to a specialist one quiet line at work, to others nothing. Asks one small query, remembered for seconds."""
    answers = policy.any_of(request.user, ["jobs.view", "jobs.room"])
    works = not answers and bool(request.user.stores_with({Role.SPECIALIST})) and _here(request.path) in AT_WORK  # type: ignore[union-attr]
    if not (answers or works) or not pulse.silent_lately():
        return None
    if works:
        return {"text": _("Background work pauses; new calls and imports may come later than usual.")}
    found = {
        "kind": "warn",
        "title": _("Background work is standing still."),
        "text": _(
            "Worker or scheduler have not reported for two minutes. What is asked for waits and is not lost; "
            "whoever looks after the server should start them again."
        ),
    }
    if policy.allows(request.user, "jobs.room") and request.path != reverse("jobs:room"):
        found |= {"url": reverse("jobs:room"), "link": _("Look at it")}
    return found


#: what the navigation counts at most: it is asked on every page
MOST = 999


def _my_calls(request: HttpRequest) -> int:
    """The calls on my list now; who watches over calls rather than making them sees no number."""
    user: Any = request.user
    if not user.stores_with({Role.SPECIALIST, Role.FRONTLINE}):
        return 0
    return capped_count(lists.mine_today(user, clock.today()), MOST).number


def _open_tickets(request: HttpRequest) -> int:
    """The open tickets that I may see: those of my department for a head, my own for the frontline."""
    return capped_count(queries.FIGURES["open"].rows(request.user, clock.now()), MOST).number


def _to_decide(request: HttpRequest) -> int:
    """The low answers that wait for a decision of mine: of the store, for a head of the departments."""
    return capped_count(awaiting(request.user), MOST).number


#: place -> its count, the length of the list that it opens
COUNTS: dict[str, Callable[[HttpRequest], int]] = {
    "revisits:today": _my_calls,
    "complaints:list": _open_tickets,
    "satisfaction:decisions": _to_decide,
}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The navigation of this user: only places that they may enter, the one that they are in marked."""
    here = _here(request.path)
    groups = []
    for title, places in PLACES:
        shown = [(_for_user(place, request), place.url_name == here) for place in places]
        items = [_item(place, request, is_here=is_here) for place, is_here in shown if place]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _for_user(place: Place, request: HttpRequest) -> Place | None:
    """The entry that this user gets for a place; None for none."""
    if policy.allows(request.user, place.capability):
        return place
    return _for_user(place.otherwise, request) if place.otherwise else None


#: pages of a higher room that belong to a place of a lower one: name of their address -> the place
BELONGING = {
    "privacy:duplicates": "customers:care",
    "privacy:merges": "customers:care",
    "revisits:screening": "customers:care",
    "customers:classes": "customers:care",
    "customers:segments": "customers:care",
    "customers:fields": "customers:care",
}


def _here(path: str) -> str:
    """The name of the place that a page belongs to: the longest address that its own begins with."""
    urls = _addresses(get_script_prefix(), get_urlconf())
    home = reverse("dashboard:home")
    found = [url for url in urls if path == url or (url != home and path.startswith(url))]
    return urls[max(found, key=len)] if found else ""


@lru_cache
def _addresses(_prefix: str, _urlconf: Any) -> dict[str, str]:
    """Address -> the place that it belongs to; the same on every page under one prefix."""
    urls = {reverse(place.url_name): place.url_name for _title, places in PLACES for place in places}
    return urls | {reverse(name): place for name, place in BELONGING.items()}


def _item(place: Place, request: HttpRequest, *, is_here: bool) -> dict[str, Any]:
    return {
        "label": place.label,
        "url": reverse(place.url_name),
        "icon": place.icon,
        "count": COUNTS[place.url_name](request) if place.url_name in COUNTS else None,
        "current": is_here,
    }
