"""Changes to users and people, one function for each."""

from crm_site.accounts.actions.own import change_own_password, note_sign_in, note_sign_out, set_language, set_theme
from crm_site.accounts.actions.people import (
    change_employee,
    change_post,
    create_employee,
    mark_left,
)
from crm_site.accounts.actions.saved_views import change_view, delete_view, save_view
from crm_site.accounts.actions.sign_in import change_role, give_sign_in, reset_password, set_sign_in_active

__all__ = [
    "change_employee",
    "change_own_password",
    "change_post",
    "change_role",
    "change_view",
    "create_employee",
    "delete_view",
    "give_sign_in",
    "mark_left",
    "note_sign_in",
    "note_sign_out",
    "reset_password",
    "save_view",
    "set_language",
    "set_sign_in_active",
    "set_theme",
]
