"""What if: a past period recomputed under another version, side by side; it changes no score and writes no answer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, formats
from crm_site.core.dates import Month, month_of, months_between
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from satisfaction import trial
from satisfaction.forms.whatif import SPANS, WhatIfForm, scored_versions
from satisfaction.models import Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import whatif as reading
from satisfaction.rules.whatif import Move
from satisfaction.shown import Shown

MONTHS_BACK = 24
#: employees on the page, those who move most first
MOST_PEOPLE = 60


@guard.needs("satisfaction.whatif")
def whatif(request: HttpRequest) -> HttpResponse:
    """The form and, where it is filled in, the comparison; a long one is asked for by POST and made by a job."""
    versions = scored_versions(request.user)
    stores = list(Store.objects.filter(pk__in=policy.stores_allowing(request.user, "satisfaction.whatif")))
    months = _months()
    form = WhatIfForm(_sent(request, versions, stores, months), versions=versions, stores=stores, months=months)
    if not form.is_valid():
        raise Http404
    asked = _Asked(form)
    if request.method == "POST":
        by = guard.acting(request, asked.store.pk)
        jobs.enqueue(trial.KIND, asked.key, store=asked.store, payload=asked.payload, by=by)
        return redirect(f"{request.path}?{asked.query}")
    context = {"fields": _fields(form, versions, stores, months), "asked": asked, **_found(asked)}
    return render(request, "satisfaction/whatif.html", context)


class _Asked:
    """One question: which version, store and months, and the responses that it is about."""

    def __init__(self, form: WhatIfForm) -> None:
        self.version: QuestionnaireVersion = form.cleaned_data["version"]
        self.store: Store = form.cleaned_data["store"]
        self.first, self.last = form.months
        self.query = "&".join(f"{name}={_code(form.cleaned_data[name])}" for name in form.fields)
        self.rows = reading.responses(self.version, self.store.pk, self.first.start, self.last.last)
        self.count = self.rows.count()

    @property
    def payload(self) -> dict[str, Any]:
        """What a job needs to know."""
        return {
            "version": self.version.pk,
            "store": self.store.pk,
            "first": self.first.start.isoformat(),
            "last": self.last.last.isoformat(),
        }

    @property
    def key(self) -> str:
        """The same question of the same answers is one job; an edited draft or a new response makes it another."""
        newest = self.rows.order_by("-pk").values_list("pk", flat=True).first() or 0
        version = f"{self.version.pk}.{self.version.edits}.{self.version.state}"
        return f"{version}:{self.store.pk}:{self.first}:{self.last}:{self.count}:{newest}"

    @property
    def job(self) -> Job | None:
        """The job that answers it, if anybody has asked for it."""
        return Job.objects.filter(kind=trial.KIND, key=self.key).first()


def _code(value: Any) -> Any:
    return getattr(value, "pk", value)


def _found(asked: _Asked) -> dict[str, Any]:
    """The comparison, made at once or by a job, else what is to be waited for."""
    if asked.count <= trial.AT_ONCE:
        return {"result": _result(trial.told(reading.compare(asked.rows, asked.version)), asked)}
    job = asked.job
    if job is not None and job.state == "done":
        return {"result": _result(job.result, asked), "made_at": job.ended_at}
    return {"job": job, "waits": True}


# ---- what is shown ---------------------------------------------------------------------------------------------------


def _result(told: dict[str, Any], asked: _Asked) -> dict[str, Any]:
    """A comparison as the page lays it out."""
    people = [trial.move_from(line) for line in told["people"]]
    named = Employee.objects.filter(store=asked.store).in_bulk([int(str(one.key)) for one in people])
    labels = _labels(asked.version)
    weights = {factor.code: factor.weight for factor in asked.version.factors.all()}
    return {
        "responses": told["responses"],
        "valid": _validity(told),
        "index": _line(trial.move_from(told["index"]), _("Index")),
        "factors": [
            _line(trial.move_from(line), labels.get(line[0], line[0]), weights.get(line[0])) for line in told["factors"]
        ],
        "people": [_line(one, named[int(str(one.key))].name) for one in people[:MOST_PEOPLE]],
        "crossing": sum(one.crosses for one in people),
        "more_people": max(len(people) - MOST_PEOPLE, 0),
        "unread": [{"label": _item(asked, code), "count": count} for code, count in told["unread"].items()],
        "never": [labels.get(code, code) for code in told["never"]] if told["responses"] else [],
    }


def _line(move: Move, label: str, weight: Decimal | None = None) -> dict[str, Any]:
    """One figure as it is and as it would be, with its weight in the other version."""
    by = move.by
    return {
        "label": label,
        "weight": weight,
        "stored": Shown("index", move.stored),
        "anew": Shown("index", move.anew),
        "by": "" if by is None else formats.signed(by, 2),
        "direction": "" if not by else "up" if by > 0 else "down",
        "crosses": move.crosses,
    }


def _validity(told: dict[str, Any]) -> list[dict[str, Any]]:
    """How many responses count, as it is and as it would be."""
    return [
        {"label": _("Valid as stored"), "value": told["both"] + told["lost"]},
        {"label": _("Valid under the other version"), "value": told["both"] + told["gained"]},
        {"label": _("Would become valid"), "value": told["gained"]},
        {"label": _("Would no longer be valid"), "value": told["lost"]},
    ]


def _labels(version: QuestionnaireVersion) -> dict[str, str]:
    """Factors and items of the version by code."""
    labels = {question.code: str(question.label) for question in version.questions.all()}
    return labels | {factor.code: str(factor.label) for factor in version.factors.all()}


def _item(asked: _Asked, code: str) -> str:
    """An item that the other version lacks, as the newest version that asks it names it."""
    rows = Question.objects.filter(code=code, version__questionnaire__code=asked.version.questionnaire.code)
    found = rows.order_by("-version__number").first()
    return str(found.label) if found else code


# ---- what is asked ---------------------------------------------------------------------------------------------------


def _sent(
    request: HttpRequest, versions: list[QuestionnaireVersion], stores: list[Store], months: list[Month]
) -> dict[str, Any]:
    """The form's values out of the address, with what is offered first where one is missing."""
    if not versions or not stores:
        raise Http404
    user: Any = request.user
    own = next((one for one in stores if one.pk == user.narrowed_store_id), stores[0])
    chosen = _chosen(request.GET.get("version", ""), versions, own)
    its = next((one for one in stores if one.pk == chosen.questionnaire.store_id), None)
    usual = {"version": chosen.pk, "store": (its or own).pk, "month": str(months[1]), "span": 1}
    sent = {name: request.GET.get(name) or value for name, value in usual.items()}
    if its and sent["store"] in [str(one.pk) for one in stores]:
        sent["store"] = its.pk  # a store's own questionnaire is tried on that store, whichever was chosen before
    return sent


def _chosen(written: str, versions: list[QuestionnaireVersion], own: Store) -> QuestionnaireVersion:
    """The version that an address names, else what is most often tried: the store's newest draft, else its service."""
    ours = [one for one in versions if one.questionnaire.store_id in (None, own.pk)] or versions
    drafts = [one for one in ours if one.state == QuestionnaireVersion.State.DRAFT]
    service = [one for one in ours if one.questionnaire.kind == Questionnaire.Kind.SERVICE]
    named = [one for one in versions if str(one.pk) == written]
    return (named or drafts or service or ours)[0]


def _months() -> list[Month]:
    newest = month_of(clock.today())
    return list(months_between(newest.shift(-MONTHS_BACK), newest))[::-1]


def _fields(
    form: WhatIfForm, versions: list[QuestionnaireVersion], stores: list[Store], months: list[Month]
) -> list[dict[str, Any]]:
    """The choices as the filter bar wants them."""
    chosen = form.cleaned_data
    spans = [(span, ngettext("%(n)d month", "%(n)d months", span) % {"n": span}) for span in SPANS]
    fields = [
        {"name": "version", "label": _("Recompute under"), "value": chosen["version"].pk,
         "options": [(one.pk, version_words(one)) for one in versions]},
        {"name": "month", "label": _("Last month"), "value": chosen["month"], "options": [(m, m) for m in months]},
        {"name": "span", "label": _("How many months"), "value": chosen["span"], "options": spans},
    ]  # fmt: skip
    if len(stores) > 1:
        stores_field = [(one.pk, one.short_name) for one in stores]
        fields.append({"name": "store", "label": _("Store"), "value": chosen["store"].pk, "options": stores_field})
    return fields


def version_words(version: QuestionnaireVersion) -> str:
    """A version in a list of versions."""
    words = {"label": version.questionnaire.label, "number": version.number, "state": version.get_state_display()}
    return _("%(label)s, version %(number)s (%(state)s)") % words
