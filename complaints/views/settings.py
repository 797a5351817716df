"""The pages on which an admin or manager sets what holds for a store's tickets."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from complaints import recount, settings
from complaints.actions import tree, tuning
from complaints.forms.settings import HOURS, CategoryForm, LevelForm, NumbersForm, PhrasesForm
from complaints.models import Category, Escalation, Level, Phrase, Text
from complaints.views.place import CAPABILITY, Place, acting, place_of
from crm_site.accounts import guard, policy
from crm_site.accounts.models import Employee, Role
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse, tell_standing


@guard.needs(CAPABILITY)
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that holds for a store's tickets, each with the way to change it."""
    place = place_of(request, company_too=True)
    store_id = place.store_id
    stages = settings.stages(store_id)
    own_stages = set(
        Escalation.objects.exclude(store=None).filter(store_id=store_id).values_list("level_code", flat=True)
    )
    may_recount = store_id is not None and policy.allows(request.user, "complaints.recount", store_id)
    context = {
        "texts": [{"label": one.label, "url": place.url("complaints:settings_text", one.value)} for one in Text.Code],
        "place": place,
        "levels": [_level_row(one, stages, own_stages, place) for one in settings.levels(store_id)],
        "numbers": _number_rows(store_id),
        "numbers_url": place.url("complaints:settings_numbers"),
        "phrases": _phrase_rows(store_id),
        "phrases_own": Phrase.objects.exclude(store=None).filter(store_id=store_id).exists(),
        "phrases_url": place.url("complaints:settings_phrases"),
        "categories": len(settings.categories(store_id)),
        "categories_own": Category.objects.exclude(store=None).filter(store_id=store_id).exists(),
        "categories_url": place.url("complaints:settings_categories"),
        "moves": len(recount.moves(place.store.pk, clock.now())) if may_recount else None,
        "recount_url": place.url("complaints:recount"),
    }
    return render(request, "complaints/settings/overview.html", context)


@guard.needs(CAPABILITY)
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers of a store's rules."""
    place = place_of(request, company_too=True)
    row = settings.of(place.store_id)
    form = NumbersForm(request.POST or None, row=row, day=clock.today())
    if request.method == "POST" and form.is_valid():
        by = acting(request, place)
        try:
            tuning.save_numbers(place.store_id, form.values(), version=form.sent_version, by=by)
        except RuleBroken as refused:
            refuse(form, refused)
            form = _with_version(form, row.version) if refused.code == "stale" else form
        else:
            return _saved(request, place)
    holding = _number_rows(place.store_id)
    context = {"place": place, "form": form, "holding": holding, "effect": place.effect("numbers")}
    return _form_page(request, "complaints/settings/numbers.html", context)


@guard.needs(CAPABILITY)
def level(request: HttpRequest, code: str) -> HttpResponse:
    """The limits of a level and who hears of its tickets; back to the company's default with one button."""
    place = place_of(request, company_too=True)
    row = settings.level(place.store_id, code)
    if row is None:
        raise Http404
    by = acting(request, place)
    if request.method == "POST" and "reset" in request.POST:
        tuning.reset_level(place.store.pk, code, by=by)
        return _saved(request, place)
    stages = settings.stages(place.store_id).get(code, ())
    form = LevelForm(request.POST or None, level=row, stages=stages, seen=tuning.mark_of_level(place.store_id, code))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        try:
            tuning.save_level(place.store_id, code, form.limits(), form.stages(), seen=seen, by=by)
        except RuleBroken as refused:
            refuse(form, refused)
            form = _with_seen(form, tuning.mark_of_level(place.store_id, code)) if refused.code == "stale" else form
        else:
            return _saved(request, place)
    stages_own = Escalation.objects.exclude(store=None).filter(store_id=place.store_id, level_code=code)
    own = row.store_id is not None or stages_own.exists()
    company = Level.objects.get(store=None, code=code)
    context = {
        "place": place, "form": form, "level": row, "is_own": own, "effect": place.effect("level", code),
        "holding": _level_row(row, {code: stages}, set(), place), "company": _level_row(company, {}, set(), place),
        "stage_fields": [(form[f"percent_{one}"], form[f"role_{one}"]) for one in range(4)],
    }  # fmt: skip
    return _form_page(request, "complaints/settings/level.html", context)


@guard.needs(CAPABILITY)
def phrases(request: HttpRequest) -> HttpResponse:
    """The three lists of words that raise, propose or ask."""
    place = place_of(request, company_too=True)
    store_id, by = place.store_id, acting(request, place)
    if request.method == "POST" and "reset" in request.POST:
        tuning.reset_phrases(place.store.pk, by=by)
        return _saved(request, place)
    form = PhrasesForm(request.POST or None, phrases=settings.phrases(store_id), seen=tuning.mark_of_phrases(store_id))
    if request.method == "POST" and form.is_valid():
        try:
            tuning.save_phrases(store_id, form.phrases(), seen=form.cleaned_data["seen"], by=by)
        except RuleBroken as refused:
            refuse(form, refused)
            form = _with_seen(form, tuning.mark_of_phrases(store_id)) if refused.code == "stale" else form
        else:
            return _saved(request, place)
    own = Phrase.objects.exclude(store=None).filter(store_id=store_id)
    context = {
        "place": place, "form": form, "is_own": own.exists(), "own": own.order_by("effect", "text"),
        "effect": place.effect("phrases"),
    }  # fmt: skip
    return _form_page(request, "complaints/settings/phrases.html", context)


@guard.needs(CAPABILITY)
def categories(request: HttpRequest) -> HttpResponse:
    """The category tree of a store; a branch of its own goes back to the company's with one button."""
    place = place_of(request, company_too=True)
    store_id = place.store_id
    if request.method == "POST":
        code = request.POST.get("reset", "")
        if code not in {row.code for row in settings.categories(store_id, retired=True)}:
            raise Http404
        tree.reset_branch(place.store.pk, code, by=acting(request, place))
        return _saved(request, place, "complaints:settings_categories")
    rows = settings.categories(store_id, retired=True)
    tops = [row for row in rows if row.parent_id is None]
    own = {row.code.partition(".")[0] for row in rows if row.store_id is not None}
    branches = [
        {
            "top": top,
            "is_own": top.code in own,
            "url": place.url("complaints:settings_category", top.code),
            "add_url": place.url("complaints:settings_category_add", top.code),
            "children": [
                {"row": row, "url": place.url("complaints:settings_category", row.code)}
                for row in rows
                if row.parent_id is not None and row.code.partition(".")[0] == top.code
            ],
        }
        for top in tops
    ]
    return render(request, "complaints/settings/categories.html", {"place": place, "branches": branches})


@guard.needs(CAPABILITY)
def category(request: HttpRequest, code: str) -> HttpResponse:
    """One category of a store's tree: names, department, whom it proposes, whether it is offered."""
    place = place_of(request, company_too=True)
    row = _category(place, code)
    form = CategoryForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        by = acting(request, place)
        try:
            tree.save_category(place.store_id, code, form.changed(), shown=form.before(), by=by)
        except RuleBroken as refused:
            form = _with_standing(form, row) if refused.code == "stale" else form
            refuse(form, refused)
        else:
            return _saved(request, place, "complaints:settings_categories")
    context = {
        "place": place, "form": form, "row": row, "back": place.url("complaints:settings_categories"),
        "effect": place.effect("category", code),
    }  # fmt: skip
    return _form_page(request, "complaints/settings/category.html", context)


@guard.needs(CAPABILITY)
def add_category(request: HttpRequest, code: str) -> HttpResponse:
    """A new category under one of the top level."""
    place = place_of(request, company_too=True)
    parent = _category(place, code)
    if parent.parent_id is not None:
        raise Http404
    form = CategoryForm(request.POST or None, parent=parent)
    if request.method == "POST" and form.is_valid():
        try:
            tree.add_category(place.store_id, code, form.values(), by=acting(request, place))
        except RuleBroken as refused:
            refuse(form, refused)
        else:
            return _saved(request, place, "complaints:settings_categories")
    context = {
        "place": place, "form": form, "parent": parent, "back": place.url("complaints:settings_categories"),
        "effect": place.effect("category", code),
    }  # fmt: skip
    return _form_page(request, "complaints/settings/category.html", context)


def _category(place: Place, code: str) -> Category:
    rows = settings.categories(place.store_id, retired=True)
    found = next((row for row in rows if row.code == code), None)
    if found is None:
        raise Http404
    return found


def _saved(request: HttpRequest, place: Place, name: str = "complaints:settings") -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(place.url(name))


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _with_standing(form: CategoryForm, row: Category) -> CategoryForm:
    """The form again with what stands at the fields that somebody else changed meanwhile; it counts as shown."""
    fresh, shown, changed = CategoryForm(row=row), form.shown_values(), form.changed()
    again = CategoryForm(form.data_over(fresh), row=row)
    again.is_valid()
    standing = {name: text for name, text in fresh.texts().items() if name in changed and text != shown.get(name)}
    tell_standing(again, standing)
    return again


def _with_version(form: NumbersForm, version: int) -> NumbersForm:
    form.data = {**form.data.dict(), "version": version}  # type: ignore[attr-defined]
    return form


def _with_seen(form: Any, seen: str) -> Any:
    form.data = {**form.data.dict(), "seen": seen}
    return form


def _level_row(row: Level, stages: dict[str, Any], own_stages: set[str], place: Place) -> dict[str, Any]:
    closing = (
        _("%(days)s working days") % {"days": row.closing_working_days}
        if row.closing_working_days
        else formats.duration(row.closing_minutes or 0)
    )
    return {
        "level": row,
        "limits": [formats.duration(row.response_minutes), formats.duration(row.proposal_minutes), closing],
        "clock": dict(HOURS)[Level.Clock(row.clock)],
        "stages": [_stage(one.percent, one.role) for one in stages.get(row.code, ())],
        "is_own": row.store_id is not None or row.code in own_stages,
        "url": place.url("complaints:settings_level", row.code),
    }


def _stage(percent: int, role: str) -> str:
    words = {"role": Role(role).label, "percent": percent}
    return _("at once: %(role)s") % words if percent == 0 else _("%(percent)s %%: %(role)s") % words


def _number_rows(store_id: int | None) -> list[dict[str, Any]]:
    """What the numbers are now, in words."""
    row = settings.of(store_id)
    caller: Employee | None = row.priority_caller
    return [
        {"term": _("Approval of compensation above"), "text": formats.money(row.compensation_limit)},
        {"term": _("Repeats"), "text": _(
                "within %(days)s days; number %(propose)s proposes L3, number %(raise)s raises to it")
            % {"days": row.repeat_days, "propose": row.repeats_propose, "raise": row.repeats_raise}},
        {"term": _("Gold and A customers"), "text": _("from %(count)s complaints in 12 months: %(who)s calls at once")
            % {"count": row.priority_complaints, "who": caller.name if caller else _("a manager")}},
        {"term": _("Effect of measures"), "text": _("checked after %(days)s days") % {"days": row.check_after_days}},
        {"term": _("Posts on the web"), "text": _("10 minutes, 30 minutes, 24 hours") if row.web_limits
            else _("limits of their level")},
    ]  # fmt: skip


def _phrase_rows(store_id: int | None) -> list[dict[str, str]]:
    found = zip(PhrasesForm.titles(), settings.phrases(store_id), strict=True)
    return [{"term": title, "text": _(", ").join(texts) or "–"} for title, texts in found]
