"""Stores, the people who work in them, and the users who may sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.scoping import StoreScoped, sees_anything
from crm_site.core import clock
from crm_site.core.compiled import compiled


class Role(models.TextChoices):
    """What a user may do in one store (domain: eight roles of the trade, six of them sign in)."""

    SPECIALIST = "specialist", _("Revisit specialist")
    FRONTLINE = "frontline", _("Frontline employee")
    HEAD = "head", _("Department head")
    MANAGER = "manager", _("Customer relations manager")
    ADMIN = "admin", _("Administrator")
    DIRECTOR = "director", _("Director")


class Department(models.TextChoices):
    """Where an employee works and a complaint belongs."""

    SALES = "sales", _("Sales")
    SERVICE = "service", _("After-sales service")
    WORKSHOP = "workshop", _("Workshop")
    PARTS = "parts", _("Parts")
    DCRC = "dcrc", _("Customer relations")
    FINANCE = "finance", _("Insurance and finance")
    PRODUCT = "product", _("Product (manufacturer)")
    MANAGEMENT = "management", _("Management")


class Post(models.TextChoices):
    """What an employee does; decides the series of the monthly report and the attribution of answers."""

    SALES_CONSULTANT = "sales_consultant", _("Sales consultant")
    DELIVERY_SPECIALIST = "delivery_specialist", _("Delivery specialist")
    SERVICE_ADVISOR = "service_advisor", _("Service advisor")
    TECHNICIAN = "technician", _("Technician")
    PARTS_CLERK = "parts_clerk", _("Parts clerk")
    INSURANCE_CLERK = "insurance_clerk", _("Insurance clerk")
    SPECIALIST = "specialist", _("Revisit specialist")
    HEAD = "head", _("Department head")
    MANAGER = "manager", _("Customer relations manager")
    DIRECTOR = "director", _("Director")
    OTHER = "other", _("Other")


class Store(models.Model):
    """A dealership; every business row belongs to one."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=20)
    brand = models.CharField(max_length=40, blank=True)
    city = models.CharField(max_length=40, blank=True)
    hotline = models.CharField(max_length=30, blank=True)
    go_live_on = models.DateField()
    is_active = models.BooleanField(default=True)

    STORE_PATH = "pk"  # a store is reached like any row of its own
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.short_name


class UserManager(BaseUserManager["User"]):
    """Makes users; there are no superusers."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Sign-in names are matched without regard to case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """Somebody who may sign in; what they may do hangs on their memberships."""

    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    theme = models.CharField(max_length=10, default="light")
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.name

    #: set for one request by the header's store switch; None = all stores of the memberships
    narrowed_store_id: int | None = None

    @property
    def audit_name(self) -> str:
        """How the trail prints this user."""
        return self.name

    @cached_property
    def roles_by_store(self) -> dict[int, str]:
        """{store id: role} of the memberships in active stores; read once a request."""
        if not self.pk or not self.is_active:
            return {}
        return dict(_roles(user=self.pk))

    @property
    def store_ids(self) -> list[int]:
        """The stores this user may see now: all of their memberships, or the one chosen in the header."""
        if self.narrowed_store_id in self.roles_by_store:
            return [self.narrowed_store_id]
        return list(self.roles_by_store)

    def stores_with(self, roles: Iterable[str]) -> list[int]:
        """The visible stores in which this user has one of the roles."""
        wanted = set(roles)
        return [pk for pk in self.store_ids if self.roles_by_store[pk] in wanted]

    def role_in(self, store_id: int | None) -> str:
        """The role in a store, '' where there is none."""
        return self.roles_by_store.get(store_id or 0, "")

    @cached_property
    def employees_by_store(self) -> dict[int, Employee]:
        """{store id: the employee this user is there}; read once a request."""
        found = {employee.store_id: employee for employee in _employees(user=self.pk)}
        for employee in found.values():
            employee.user = self
        return found

    @cached_property
    def posted_departments(self) -> dict[int, frozenset[str]]:
        """{store id: the departments this user is posted to there today}; read once a request.

        Today, whatever period is looked at: what somebody may see follows from the post they hold now.
        """
        held = Posting.objects.current(clock.today()).filter(employee__user=self).order_by()
        found: dict[int, set[str]] = {}
        for store_id, department in held.values_list("employee__store_id", "department"):
            found.setdefault(store_id, set()).add(department)
        return {store_id: frozenset(departments) for store_id, departments in found.items()}

    @property
    def headed_departments(self) -> dict[int, frozenset[str]]:
        """{store id: departments} of the visible stores in which this user is a head; a store apart from the next."""
        headed = self.stores_with({Role.HEAD})
        return {pk: self.posted_departments.get(pk, frozenset()) for pk in headed}

    def employee_in(self, store_id: int) -> Employee | None:
        """Who this user is in a store, None where they have no employee row."""
        return self.employees_by_store.get(store_id)


class Membership(models.Model):
    """One user's role in one store."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    store = models.ForeignKey(Store, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "store"], name="membership_once_a_store"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.store}"


class EmployeeQuerySet(StoreScoped):
    """Reads of the roster."""

    def employed_on(self, day: date) -> Self:
        """Everybody employed on a day (hired before or on it, not left before it)."""
        return self.filter(Q(hired_on=None) | Q(hired_on__lte=day)).filter(Q(left_on=None) | Q(left_on__gte=day))

    def in_post(self, posts: Iterable[str], day: date) -> Self:
        """Everybody holding one of the posts on a day."""
        return self.filter(pk__in=Posting.objects.current(day).filter(post__in=list(posts)).values("employee_id"))

    def in_department(self, departments: Iterable[str], day: date) -> Self:
        """Everybody posted to one of the departments on a day."""
        current = Posting.objects.current(day).filter(department__in=list(departments))
        return self.filter(pk__in=current.values("employee_id"))


class Employee(models.Model):
    """Somebody of the roster that is evaluated, with or without a sign-in; the actor of every business row."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="employees")
    number = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    sex = models.CharField(max_length=1, blank=True, choices=[("m", _("Male")), ("f", _("Female"))])
    phone = models.CharField(max_length=30, blank=True)
    hired_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="employees")
    source_values = models.JSONField(default=dict, blank=True)

    objects = EmployeeQuerySet.as_manager()

    class Meta:
        ordering = ["store_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="employee_number_once_a_store"),
            models.UniqueConstraint(fields=["store", "user"], name="employee_user_once_a_store"),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(hired_on=None) | Q(left_on__gte=F("hired_on")),
                name="employee_leaves_after_hired",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """How the trail prints this employee."""
        return self.name

    def posting_on(self, day: date) -> Posting | None:
        """The post held on a day (the latest begun, where two overlap), None before the first."""
        held = [p for p in self.postings.all() if p.since <= day and (p.until is None or p.until >= day)]
        return max(held, key=lambda posting: posting.since, default=None)


@compiled
def _roles(*, user: int) -> models.QuerySet[Membership, tuple[int, str]]:
    """Where a user works, and as what: asked in every request."""
    rows = Membership.objects.filter(user_id=user, store__is_active=True)
    return rows.values_list("store_id", "role")


@compiled
def _employees(*, user: int) -> models.QuerySet[Employee]:
    """Who a user is in each store: asked in nearly every request."""
    return Employee.objects.filter(user_id=user).select_related("store")


class PostingQuerySet(models.QuerySet):
    """Reads of who held which post when."""

    def current(self, day: date) -> Self:
        """The postings in force on a day."""
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))


class Posting(models.Model):
    """A post that an employee holds from one day to another (both included)."""

    employee = models.ForeignKey(Employee, models.PROTECT, related_name="postings")
    department = models.CharField(max_length=20, choices=Department.choices)
    post = models.CharField(max_length=30, choices=Post.choices)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["employee_id", "-since"]
        constraints = [
            models.UniqueConstraint(fields=["employee", "since"], name="posting_once_a_day"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="posting_ends_after_since"),
            models.CheckConstraint(condition=Q(department__in=Department.values), name="posting_department_known"),
            models.CheckConstraint(condition=Q(post__in=Post.values), name="posting_post_known"),
        ]

    def __str__(self) -> str:
        return f"{self.employee} {self.post} {self.since}"


class SavedViewQuerySet(StoreScoped):
    """Reads of saved views."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and those that colleagues share in stores where they and one work."""
        if not sees_anything(user):
            return self.none()
        works_there = Membership.objects.filter(user=OuterRef("owner"), store=OuterRef("store"), user__is_active=True)
        shared = Q(Exists(works_there), is_shared=True, store_id__in=user.memberships.values("store_id"))
        return self.filter(Q(owner=user) | shared)


class SavedView(models.Model):
    """A page with its filters under a name: somebody's own, or shared with a store.

    It keeps codes and keys only. Who opens a shared view sees through it what they may see without it.
    """

    owner = models.ForeignKey(User, models.PROTECT, related_name="saved_views")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    #: the page's URL name, such as satisfaction:dashboard
    page = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=60)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["page", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "store", "page", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
