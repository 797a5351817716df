"""The roster: who works here, in which post, and in which role they sign in."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm_site.accounts import actions, policy, second_factor, throttling
from crm_site.accounts.forms.people import EmployeeForm, LeftForm, NewEmployeeForm, PostForm, RoleForm, SignInNameForm
from crm_site.accounts.guard import acting, get_or_404, needs, require
from crm_site.accounts.models import Department, Employee, Membership
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import refuse


@needs("people.view")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the visible stores, by department; filters hold codes only."""
    today = clock.today()
    shown = "left" if request.GET.get("shown") == "left" else "employed"
    department = request.GET.get("department", "")
    rows = Employee.objects.visible_to(request.user).select_related("store", "user")
    rows = rows.filter(store_id__in=policy.stores_allowing(request.user, "people.view"))
    rows = rows.filter(left_on__lt=today) if shown == "left" else rows.employed_on(today)
    if department in Department.values:
        rows = rows.in_department([department], today)
    rows = rows.prefetch_related("postings", _memberships(request))
    context = {
        "rows": [_row(employee, today) for employee in rows],
        "filters": _filters(shown, department),
        "may_edit": policy.allows(request.user, "people.edit"),
    }
    return render(request, "accounts/people.html", context)


def _memberships(request: HttpRequest) -> Prefetch:
    own = Membership.objects.filter(store_id__in=request.user.store_ids)
    return Prefetch("user__memberships", queryset=own, to_attr="own_memberships")


def _row(employee: Employee, today: Any) -> dict[str, Any]:
    roles = [m for m in employee.user.own_memberships if m.store_id == employee.store_id] if employee.user else []
    return {
        "employee": employee,
        "posting": employee.posting_on(min(today, employee.left_on) if employee.left_on else today),
        "role": roles[0].get_role_display() if roles else "",
        "disabled": bool(employee.user and not employee.user.is_active),
    }


def _filters(shown: str, department: str) -> list[dict[str, Any]]:
    return [
        {
            "name": "shown",
            "label": _("Shown"),
            "value": shown,
            "options": [("employed", _("Employed now")), ("left", _("Have left"))],
        },
        {
            "name": "department",
            "label": _("Department"),
            "value": department,
            "options": [("", _("All departments")), *Department.choices],
        },
    ]


@needs("people.edit")
def new_person(request: HttpRequest) -> HttpResponse:
    """Add an employee with a first post."""
    form = NewEmployeeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        store = form.cleaned_data["store"]
        try:
            employee = actions.create_employee(
                store,
                values=form.cleaned_data,
                department=form.cleaned_data["department"],
                post=form.cleaned_data["post"],
                by=acting(request, store.pk),
            )
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, _("%(name)s is on the roster.") % {"name": employee.name})
            return redirect("accounts:person", employee.pk)
    return render(request, "accounts/person_new.html", {"form": form}, status=_status(form))


@needs("people.view")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One employee: facts, posts, sign-in."""
    return person_page(request, _employee(request, pk))


def _employee(request: HttpRequest, pk: int) -> Employee:
    rows = Employee.objects.select_related("store", "user").prefetch_related("postings")
    return get_or_404(rows, request, pk=pk)


def person_page(request: HttpRequest, employee: Employee, **bound: Any) -> HttpResponse:
    """The page of one employee; `bound` replaces forms that came back with errors."""
    membership = Membership.objects.filter(user=employee.user, store=employee.store).first() if employee.user else None
    forms = {
        "facts": EmployeeForm.of(employee),
        "post": PostForm(),
        "left": LeftForm(),
        "sign_in": SignInNameForm(),
        "role": RoleForm(initial={"role": membership.role if membership else ""}),
    }
    context = {
        "employee": employee,
        "posting": employee.posting_on(clock.today()),
        "postings": sorted(employee.postings.all(), key=lambda posting: posting.since, reverse=True),
        "membership": membership,
        "may_edit": policy.allows(request.user, "people.edit", employee.store_id),
        "is_self": employee.user_id == request.user.pk,
        "access": _access(request, employee),
        "forms": {**forms, **bound},
    }
    return render(request, "accounts/person.html", context, status=422 if bound else 200)


@needs("people.edit")
@require_POST
def change_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an employee's facts."""
    employee = editable(request, pk)
    form = EmployeeForm.of(employee, request.POST)
    return _apply(
        request,
        employee,
        "facts",
        form,
        lambda by: actions.change_employee(pk, values=form.cleaned_data, by=by),
    )


@needs("people.edit")
@require_POST
def post_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an employee a new post."""
    employee = editable(request, pk)
    form = PostForm(request.POST)
    return _apply(request, employee, "post", form, lambda by: actions.change_post(pk, **form.cleaned_data, by=by))


@needs("people.edit")
@require_POST
def person_left(request: HttpRequest, pk: int) -> HttpResponse:
    """Record an employee's last day."""
    employee = editable(request, pk)
    form = LeftForm(request.POST)
    return _apply(
        request, employee, "left", form, lambda by: actions.mark_left(pk, left_on=form.cleaned_data["left_on"], by=by)
    )


@needs("people.edit")
@require_POST
def person_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an employee another role in this store."""
    employee = editable(request, pk)
    form = RoleForm(request.POST)
    return _apply(
        request, employee, "role", form, lambda by: actions.change_role(pk, role=form.cleaned_data["role"], by=by)
    )


def _access(request: HttpRequest, employee: Employee) -> dict[str, Any]:
    """How the sign-in of an employee stands: the second factor, the lock, an invitation that is still open."""
    user = employee.user
    if user is None:
        return {}
    return {
        "has_second_factor": second_factor.device_of(user) is not None,
        "is_locked": throttling.is_locked(user),
        "is_invited": not user.has_usable_password(),
        "open_link": user.password_links.open_at(clock.now()).first(),
        "may_reset": policy.allows(request.user, "people.second_factor", employee.store_id),
    }


def editable(request: HttpRequest, pk: int) -> Employee:
    """An employee whom this user may change; 404 and 403 otherwise."""
    employee = _employee(request, pk)
    require(request, "people.edit", employee)
    return employee


def _apply(request: HttpRequest, employee: Employee, name: str, form: Any, act: Any) -> HttpResponse:
    """Do one change and come back to the page; a refusal stays on the form with what was typed."""
    if form.is_valid():
        try:
            act(acting(request, employee.store_id))
        except RuleBroken as broken:
            refuse(form, broken)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:person", employee.pk)
    return person_page(request, employee, **{name: form})


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200
