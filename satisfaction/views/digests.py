"""Weekly and monthly digests: the list, and one as a sheet of paper; its words and measures are read live."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import guard, policy
from crm_site.core import clock, paging
from satisfaction import labels, queries
from satisfaction.models import Alert, Answer, Decision, Digest, ImprovementMeasure
from satisfaction.queries.digests import KINDS, Window, mean_of
from satisfaction.shown import Shown
from satisfaction.views import leads
from satisfaction.views.board import change_words

#: how many open measures a sheet names
FEW_MEASURES = 12


@guard.needs("satisfaction.view")
def digests(request: HttpRequest) -> HttpResponse:
    """The digests within reach, newest first; weeks or months by ?period=."""
    period = request.GET.get("period", "")
    period = period if period in Digest.Period.values else ""
    stores = policy.stores_allowing(request.user, "satisfaction.view")
    rows = Digest.objects.visible_to(request.user).filter(store_id__in=stores).select_related("store")
    rows = rows.filter(period=period) if period else rows
    page = paging.paginate(
        rows, order=["-last_day", "period", "store_id", "department"], cursor=request.GET.get("page", "")
    )
    options = [("", _("Weeks and months")), *Digest.Period.choices]
    context = {
        "page": page,
        "rows": [{"digest": one, "name": labels.department(one.department), "kinds": _scores(one)} for one in page],
        "fields": [{"name": "period", "label": _("Period"), "value": period, "options": options}],
        "shows_store": len(stores) > 1,
        "tabs": leads.tabs(request, "digests"),
    }
    return render(request, "satisfaction/digests.html", context)


def _scores(digest: Digest) -> list[dict[str, Any]]:
    """The score of each kind as it was told."""
    code = "department" if digest.department else "index"
    return [
        {"label": labels.kind(row["kind"]), "shown": Shown(code, mean_of(row["score"]))}
        for row in digest.figures["kinds"]
    ]


@guard.needs("satisfaction.view")
def digest(request: HttpRequest, pk: int) -> HttpResponse:
    """One digest as a sheet: figures as they were told, words and measures as they stand."""
    row = guard.get_or_404(Digest.objects.select_related("store"), request, pk=pk)
    named = labels.Labels.of([row.store_id])
    low = row.figures["low"]
    context = {
        "digest": row,
        "name": labels.department(row.department),
        "kinds": [_kind(row, one, named) for one in row.figures["kinds"]],
        "low": [{"label": str(Decision(code).label), "n": n} for code, n in low.items() if code],
        "low_total": sum(low.values()),
        "low_url": _list(row, row.figures["kinds"][0]["kind"], low=1) if len(KINDS[row.department]) == 1 else "",
        "measures": row.figures["measures"],
        "open": _open(request, row),
        "words": _words(row),
        "alerts": _alerts(row),
        "today": clock.today(),
    }
    return render(request, "satisfaction/digest.html", context)


def _kind(digest: Digest, row: dict[str, Any], named: labels.Labels) -> dict[str, Any]:
    now, before = mean_of(row["score"]), mean_of(row["before"])
    code = "department" if digest.department else "index"
    return {
        "label": labels.kind(row["kind"]),
        "shown": Shown(code, now, _list(digest, row["kind"])),
        "change": change_words(now, before),
        "nps": Shown("nps", mean_of(row["nps"]), _list(digest, row["kind"], figure="nps")) if "nps" in row else None,
        "coverage": row.get("coverage"),
        "best": [_item(digest, row["kind"], one, named) for one in row["best"]],
        "worst": [_item(digest, row["kind"], one, named) for one in row["worst"]],
    }


def _item(digest: Digest, kind: str, row: dict[str, Any], named: labels.Labels) -> dict[str, Any]:
    url = _list(digest, kind, question=row["code"])
    return {"label": named.item(kind, row["code"]), "shown": Shown("item", mean_of(row), url)}


def _list(digest: Digest, kind: str, **filters: Any) -> str:
    """The responses of the digest's days behind one of its figures."""
    return f"{reverse('satisfaction:digest_rows', args=[digest.pk])}?{urlencode({'kind': kind, **filters})}"


def _open(request: HttpRequest, digest: Digest) -> list[ImprovementMeasure]:
    rows = ImprovementMeasure.objects.visible_to(request.user).open().filter(store_id=digest.store_id)
    rows = rows.filter(department=digest.department) if digest.department else rows
    return list(rows.select_related("responsible").order_by("due_on", "pk")[:FEW_MEASURES])


def _words(digest: Digest) -> list[Answer]:
    """The answers whose keys were kept, as far as they still count, with their words."""
    rows = Answer.objects.filter(pk__in=digest.figures["words"], response__excluded_at=None)
    rows = rows.filter(response__store_id=digest.store_id).select_related("question", "response")
    return list(rows.order_by("-is_low", "-response__called_on", "-pk"))


def _alerts(digest: Digest) -> list[dict[str, Any]]:
    rows = list(Alert.objects.filter(pk__in=digest.figures["alerts"], store_id=digest.store_id))
    named = labels.Labels.of([digest.store_id], rows)
    return [{"alert": one, "what": named.of_alert(one)} for one in rows]


@guard.needs("satisfaction.view")
def digest_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The responses of a digest's days behind one of its figures: ?kind=, ?question=, ?figure=, ?low=."""
    row = guard.get_or_404(Digest.objects.select_related("store"), request, pk=pk)
    kind, code = request.GET.get("kind", ""), request.GET.get("question", "")
    figure = queries.FIGURES.get("low" if request.GET.get("low") else request.GET.get("figure", "index"))
    named = labels.Labels.of([row.store_id])
    told = {one["code"] for each in row.figures["kinds"] for one in [*each["best"], *each["worst"]]}
    unknown = kind not in KINDS[row.department] or figure is None or (code and code not in told)
    if unknown or (row.department and figure.code not in ("index", "low")):  # type: ignore[union-attr]
        raise Http404
    rows = figure.rows(_scope(row, kind, code))  # type: ignore[union-attr]
    value = figure.value(rows)  # type: ignore[union-attr]
    heading = named.item(kind, code) if code else str(figure.label)  # type: ignore[union-attr]
    return render(request, "satisfaction/rows_of_days.html", {
        "heading": heading,
        "back": reverse("satisfaction:digest", args=[row.pk]),
        "back_words": labels.department(row.department),
        "store": row.store,
        "first": row.first_day,
        "last": row.last_day,
        "page": paging.paginate(loaded(rows), order=["-called_on"], cursor=request.GET.get("page", "")),
        "shown": Shown("item" if code else figure.code, value),  # type: ignore[union-attr]
        "total": paging.capped_count(rows),
        "today": clock.today(),
    })  # fmt: skip


def _scope(digest: Digest, kind: str, code: str) -> Any:
    """What is asked of the answers of the digest's days; an item's mean is the same in every department."""
    window = Window(digest.period, digest.first_day, digest.last_day)
    narrowed = {"question": code} if code else {"department": digest.department} if digest.department else {}
    return window.scope(digest.store_id, kind=kind, **narrowed)


def loaded(rows: Any) -> Any:
    """Responses with what the list of some days shows of each."""
    return rows.select_related("customer", "vehicle", "version__questionnaire")
