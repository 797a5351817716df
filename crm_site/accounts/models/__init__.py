"""Stores, the people who work in them, the users who may sign in, and what stores lay down for them."""

from crm_site.accounts.models.people import (
    Department,
    Employee,
    EmployeeQuerySet,
    Membership,
    Post,
    Posting,
    PostingQuerySet,
    Role,
    SavedView,
    SavedViewQuerySet,
    Store,
    User,
    UserManager,
)
from crm_site.accounts.models.rules import DataRules, SignInRules
from crm_site.accounts.models.signing import LinkKind, PasswordLink, Session

__all__ = [
    "DataRules",
    "Department",
    "Employee",
    "EmployeeQuerySet",
    "LinkKind",
    "Membership",
    "PasswordLink",
    "Post",
    "Posting",
    "PostingQuerySet",
    "Role",
    "SavedView",
    "SavedViewQuerySet",
    "Session",
    "SignInRules",
    "Store",
    "User",
    "UserManager",
]
