"""The first administrator of a store: how a fresh installation gets its first sign-in without any default account."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.actions.people import create_employee
from crm_site.accounts.actions.sign_in import first_password, give_sign_in
from crm_site.accounts.models import Department, Membership, Post, Role, Store, User
from crm_site.core.errors import RuleBroken


@transaction.atomic
def create_first_admin(
    *, store_code: str, store_name: str, name: str, username: str, today: date
) -> tuple[Store, User, str]:
    """Make a store that does not exist yet, an employee in it and their sign-in; gives the first password.

    Raises RuleBroken where the store has an administrator already: he adds the others.
    """
    store, _made = Store.objects.get_or_create(
        code=store_code, defaults={"name": store_name, "short_name": store_name[:20], "go_live_on": today}
    )
    if Membership.objects.filter(store=store, role=Role.ADMIN).exists():
        raise RuleBroken(_("This store has an administrator already, who can add others."), code="has_admin")
    values = {"number": username, "name": name, "sex": "", "phone": "", "hired_on": today}
    employee = create_employee(store, values=values, department=Department.DCRC, post=Post.OTHER, by=None)
    password = first_password()
    user = give_sign_in(employee.pk, username=username, role=Role.ADMIN, by=None, password=password)
    return store, user, password
