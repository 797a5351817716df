"""Changes to who may sign in, and as what."""

import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Membership, Role, Session, User
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken

#: without characters that look alike
ALPHABET = "abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ23456789"


def first_password() -> str:
    """A random first password of 14 characters, to be read out and changed at the first sign-in."""
    return "-".join("".join(secrets.choice(ALPHABET) for _place in range(4)) for _group in range(3))


@transaction.atomic
def give_sign_in(employee_id: int, *, username: str, role: str, by: Employee | None, password: str = "") -> User:
    """Let an employee sign in with a role; without a password they set one by an invitation (actions.links).

    A password given here must be changed at the first sign-in. Raises RuleBroken where the employee has a sign-in, has
    left, or the name is taken.
    """
    employee = Employee.objects.select_for_update().get(pk=employee_id)
    if employee.user_id:
        raise RuleBroken(_("This employee can sign in already."), code="has_sign_in")
    if employee.left_on:
        raise RuleBroken(_("This employee has left; somebody who left gets no sign-in."), code="has_left")
    user = _new_user(username, employee.name, password)
    Membership.objects.create(user=user, store_id=employee.store_id, role=Role(role))
    employee.user = user
    employee.save(update_fields=["user"])
    trail.record(by, "user.created", user, store_id=employee.store_id, role=role, employee=employee.pk)
    return user


def _new_user(username: str, name: str, password: str) -> User:
    """A user under a name that nobody has; without a password nobody can sign in as them yet."""
    taken = RuleBroken(_("This sign-in name is taken. Choose another one."), code="name_taken", field="username")
    if User.objects.filter(username__iexact=username).exists():
        raise taken
    user = User(username=username, name=name, must_change_password=bool(password))
    user.set_password(password or None)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as clash:
        raise taken from clash
    return user


@transaction.atomic
def change_role(employee_id: int, *, role: str, by: Employee) -> Membership:
    """Give an employee's user another role in this store; nobody changes their own."""
    employee, user = with_sign_in(employee_id, by)
    membership, made = Membership.objects.get_or_create(
        user=user, store_id=employee.store_id, defaults={"role": Role(role)}
    )
    before = "" if made else membership.role
    if before != role:
        membership.role = Role(role)
        membership.save(update_fields=["role"])
        trail.record(by, "user.role_changed", employee, role=(before, role))
    return membership


@transaction.atomic
def set_sign_in_active(employee_id: int, *, active: bool, by: Employee) -> User:
    """Switch an employee's sign-in on or off; every session of theirs ends, and an open link counts no more."""
    employee, user = with_sign_in(employee_id, by)
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        Session.objects.filter(user=user).delete()
        user.password_links.revoke(clock.now())
        trail.record(by, "user.enabled" if active else "user.disabled", employee)
    return user


def with_sign_in(employee_id: int, by: Employee) -> tuple[Employee, User]:
    """The employee and the user whose sign-in is changed, both locked.

    Refuses oneself, and a user of stores where `by` is no administrator.
    """
    employee = Employee.objects.select_for_update().get(pk=employee_id)
    user = User.objects.select_for_update().filter(employees=employee).first()
    if user is None:
        raise RuleBroken(_("This employee has no sign-in yet."), code="no_sign_in")
    if user.pk == by.user_id:
        raise RuleBroken(_("Ask another administrator to change your own sign-in."), code="oneself")
    theirs = set(user.memberships.values_list("store_id", flat=True))
    own = set(Membership.objects.filter(user__employees=by, role=Role.ADMIN).values_list("store_id", flat=True))
    if theirs - own:
        raise RuleBroken(
            _("This user works in further stores. Only an administrator of all of them can change the sign-in."),
            code="further_stores",
        )
    return employee, user
