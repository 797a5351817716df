"""Changes to users and people, one function for each."""

from crm_site.accounts.actions.links import find_link, make_link, use_link
from crm_site.accounts.actions.own import change_own_password, note_sign_in, note_sign_out, set_language, set_theme
from crm_site.accounts.actions.people import (
    change_employee,
    change_post,
    create_employee,
    mark_left,
)
from crm_site.accounts.actions.saved_views import change_view, delete_view, save_view
from crm_site.accounts.actions.second_factor import note_code, renew_codes
from crm_site.accounts.actions.second_factor import remove as remove_second_factor
from crm_site.accounts.actions.second_factor import reset as reset_second_factor
from crm_site.accounts.actions.second_factor import set_up as set_up_second_factor
from crm_site.accounts.actions.sessions import end_other_sessions, unlock
from crm_site.accounts.actions.sign_in import change_role, give_sign_in, set_sign_in_active
from crm_site.accounts.actions.sign_in_rules import reset_rules, save_rules

__all__ = [
    "change_employee",
    "change_own_password",
    "change_post",
    "change_role",
    "change_view",
    "create_employee",
    "delete_view",
    "end_other_sessions",
    "find_link",
    "give_sign_in",
    "make_link",
    "mark_left",
    "note_code",
    "note_sign_in",
    "note_sign_out",
    "remove_second_factor",
    "renew_codes",
    "reset_rules",
    "reset_second_factor",
    "save_rules",
    "save_view",
    "set_language",
    "set_sign_in_active",
    "set_theme",
    "set_up_second_factor",
    "unlock",
    "use_link",
]
