"""Changes that a user makes to their own account, one function for each."""

from django.db import transaction

from crm_site.accounts.models import User
from crm_site.audit import trail
from crm_site.core import clock


@transaction.atomic
def change_own_password(user: User, password: str) -> User:
    """Give the user a new password of their own choice; the caller has validated it. An open link counts no more."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    user.password_links.revoke(clock.now())
    trail.record(user, "user.password_changed", user)
    return user


def note_sign_in(user: User) -> None:
    """Write down that somebody has signed in; it stands with the first of their stores."""
    trail.record(user, "user.signed_in", user, store_id=next(iter(user.store_ids), None))


def note_sign_out(user: User) -> None:
    """Write down that somebody has signed out."""
    trail.record(user, "user.signed_out", user, store_id=next(iter(user.store_ids), None))


def set_language(user: User, language: str) -> User:
    """Keep the interface language in the profile; it is a preference, so it leaves no trail."""
    user.language = language
    user.save(update_fields=["language"])
    return user


def set_theme(user: User, theme: str) -> User:
    """Keep light or dark in the profile; anything else is light."""
    user.theme = theme if theme == "dark" else "light"
    user.save(update_fields=["theme"])
    return user
