"""Changes to users and people, one function for each."""

from crm_site.accounts.actions.own import change_own_password, set_language, set_theme
from crm_site.accounts.actions.people import (
    change_employee,
    change_post,
    create_employee,
    mark_left,
)
from crm_site.accounts.actions.sign_in import change_role, give_sign_in, reset_password, set_sign_in_active

__all__ = [
    "change_employee",
    "change_own_password",
    "change_post",
    "change_role",
    "create_employee",
    "give_sign_in",
    "mark_left",
    "reset_password",
    "set_language",
    "set_sign_in_active",
    "set_theme",
]
