"""维修客户回访统计表 and 维修客户统计分析表: on screen, for printing, and as workbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Department, Employee
from crm_site.audit import trail
from crm_site.core import clock, exports, paging, xlsx
from crm_site.core.errors import RuleBroken
from crm_site.core.figures import Scope
from revisits.lens import Lens, lens_of
from revisits.models import CallResult
from revisits.queries import analysis, sheet
from revisits.views.figures import sheet_book, sheet_lines

CAPABILITY = "indicators.sheets"
#: whose sheet this is, where a head asks for it
OWN = frozenset({Department.SERVICE, Department.WORKSHOP})


@dataclass(frozen=True)
class Asked:
    """A month of repair revisits, narrowed to an advisor and a result."""

    lens: Lens
    scope: Scope
    advisors: list[Employee]
    results: list[CallResult]

    @property
    def query(self) -> str:
        """The query of the address for the other shapes of the same sheet."""
        return self.lens.url("sheet", **self.narrowing).partition("?")[2]

    @property
    def narrowing(self) -> dict[str, Any]:
        """Advisor and result, as the address names them."""
        return {name: self.scope.get(name, "") for name in ("advisor", "result")}

    @property
    def fields(self) -> list[dict[str, Any]]:
        """Month, store, advisor and result for the filter bar."""
        advisors = [("", _("All advisors")), *((one.pk, one.name) for one in self.advisors)]
        results = [("", _("All results")), *((one.code, one.label) for one in self.results)]
        chosen = self.narrowing
        return [
            *self.lens.place_fields,
            {"name": "advisor", "label": _("Service advisor"), "value": chosen["advisor"], "options": advisors},
            {"name": "result", "label": _("Result"), "value": chosen["result"], "options": results},
        ]


def _asked(request: HttpRequest) -> Asked:
    """Read the address; 403 for a head of another department, 404 for what is not there."""
    lens = _within_reach(request, lens_of(request, CAPABILITY, now=clock.now(), today=clock.today()))
    scope = lens.scope
    advisors, results = sheet.advisors(scope), sheet.results(scope)
    advisor, result = request.GET.get("advisor", ""), request.GET.get("result", "")
    if advisor:
        if not any(str(one.pk) == advisor for one in advisors):
            advisor = ""
        scope = scope.having(advisor=int(advisor) if advisor else None)
    if result:
        scope = scope.having(result=result if any(one.code == result for one in results) else None)
    return Asked(lens, scope, advisors, results)


def _within_reach(request: HttpRequest, lens: Lens) -> Lens:
    """A head sees the sheet of the stores in which his departments are the ones it is about; 403 where of none."""
    user: Any = request.user
    others = {pk for pk, departments in user.headed_departments.items() if not OWN & departments}
    stores, choosable = (
        tuple(store for store in some if store.pk not in others) for some in (lens.stores, lens.choosable)
    )
    if not stores:
        guard.refuse(request, "department")
    return replace(lens, stores=stores, choosable=choosable)


@guard.needs(CAPABILITY)
def sheet_page(request: HttpRequest) -> HttpResponse:
    """The sheet on screen, a page at a time."""
    asked = _asked(request)
    rows = sheet.called(asked.scope)
    page = paging.paginate(sheet.loaded(rows), order=["-last_attempt_at"], cursor=request.GET.get("after", ""))
    context = {
        "asked": asked,
        "lens": asked.lens,
        "page": page,
        "columns": sheet_lines.columns(),
        "lines": [sheet_lines.cells(line) for line in sheet.lines(page.rows)],
        "total": paging.capped_count(rows),
        "may_export": _may_export(request, asked.lens),
    }
    return render(request, "revisits/figures/sheet.html", context)


def _may_export(request: HttpRequest, lens: Lens) -> bool:
    return lens.store is not None and request.user.employee_in(lens.store.pk) is not None  # type: ignore[union-attr]


@require_POST
@guard.needs(CAPABILITY)
def sheet_print(request: HttpRequest) -> HttpResponse:
    """The whole month for A4 landscape; written down like the workbook."""

    def paper(asked: Asked, lines: list[sheet.SheetLine]) -> HttpResponse:
        context = {
            "asked": asked,
            "lens": asked.lens,
            "columns": sheet_lines.columns(),
            "lines": [sheet_lines.cells(line) for line in lines],
            "watermark": _mark(request, asked),
        }
        return render(request, "revisits/figures/sheet_print.html", context)

    return _leaving(request, "sheet.printed", paper)


@require_POST
@guard.needs(CAPABILITY)
def sheet_workbook(request: HttpRequest) -> HttpResponse:
    """The whole month as a workbook, numbers masked; who took it stands in the trail."""

    def book(asked: Asked, lines: list[sheet.SheetLine]) -> HttpResponse:
        content = sheet_book.render(asked.lens, lines, watermark=_mark(request, asked))
        return _file(content, f"repair-revisits-{asked.lens.month}.xlsx")

    return _leaving(request, "sheet.exported", book)


def _leaving(
    request: HttpRequest, action: str, made: Callable[[Asked, list[sheet.SheetLine]], HttpResponse]
) -> HttpResponse:
    """One store's sheet as it leaves the house, under the name `action` of the trail; back to the page if refused."""
    asked = _asked(request)
    if asked.lens.store is None:
        raise Http404
    by = guard.acting(request, asked.lens.store.pk)
    rows = sheet.called(asked.scope).exclude(customer__restricted=True)
    try:
        exports.allow(by, asked.lens.store.pk, rows.count(), now=clock.now())
        lines = sheet.lines(list(sheet.loaded(rows).order_by("last_attempt_at", "pk")))
        answer = made(asked, lines)
        _leave(asked, by, action, answer.content, len(lines))
    except RuleBroken as refused:
        messages.error(request, refused.message)
        return redirect(asked.lens.url("sheet", **asked.narrowing))
    return answer


def _mark(request: HttpRequest, asked: Asked) -> str:
    """What stands on every page that leaves."""
    who = request.user.name  # type: ignore[union-attr]
    return exports.watermark(who=who, now=asked.lens.now, reason=_title(asked))


def _title(asked: Asked) -> str:
    return _("Sheet of repair revisits %(month)s") % {"month": asked.lens.month}


@transaction.atomic
def _leave(asked: Asked, by: Employee, action: str, content: bytes, rows: int) -> None:
    """Write down that the sheet leaves, in the trail and in the log of exports; refuses more than the store allows."""
    store: Any = asked.lens.store
    narrowed = {name: value for name, value in asked.narrowing.items() if value}
    trail.record(by, action, store, store_id=store.pk, month=str(asked.lens.month), rows=rows, **narrowed)
    digest = hashlib.sha256(content).hexdigest()
    leaving = exports.Leaving(store.pk, "repair_calls", rows, _title(asked), asked.query, sha256=digest)
    exports.leave(by, leaving, now=clock.now())


@guard.needs(CAPABILITY)
def analysis_page(request: HttpRequest) -> HttpResponse:
    """The analysis by advisor, technician and item."""
    return render(request, "revisits/figures/analysis.html", _analysis(request))


@guard.needs(CAPABILITY)
def analysis_print(request: HttpRequest) -> HttpResponse:
    """The analysis for A4 landscape."""
    return render(request, "revisits/figures/analysis_print.html", _analysis(request))


def _analysis(request: HttpRequest) -> dict[str, Any]:
    asked = _asked(request)
    scope = asked.scope
    return {
        "asked": asked,
        "lens": asked.lens,
        "tables": [
            {"title": _("By service advisor"), "code": "advisors",
             "rows": analysis.by_employee(scope, analysis.ADVISOR)},
            {"title": _("By technician"), "code": "technicians",
             "rows": analysis.by_employee(scope, analysis.TECHNICIAN)},
        ],
        "items": analysis.by_item(scope),
        "measures": analysis.measures(scope),
        "kept": analysis.kept(scope),
        "total": sheet.called(scope).count(),
        "may_see_measures": policy.allows(request.user, "satisfaction.view"),
    }  # fmt: skip


@require_POST
@guard.needs(CAPABILITY)
def analysis_workbook(request: HttpRequest) -> HttpResponse:
    """The analysis as a workbook; no customer is in it."""
    found = _analysis(request)
    return _file(sheet_book.render_analysis(found), f"repair-analysis-{found['lens'].month}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=xlsx.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
