"""Saving, renaming, sharing and deleting views of pages, one function for each."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import SavedView, User
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

#: a menu is read by eye
MOST = 30


@transaction.atomic
def save_view(
    owner: User, *, store_id: int, page: str, query: str, name: str, is_shared: bool, at: datetime
) -> tuple[SavedView, bool]:
    """Keep a page's filters under a name; gives the view, and whether it is new.

    Under a name that the owner already uses for this page the filters are replaced. `page` is a URL name with its
    arguments, `query` codes and keys only; the caller has checked both. Raises RuleBroken for an empty name and for
    too many views.
    """
    name = _clean(name)
    own = User.objects.select_for_update(no_key=True).get(pk=owner.pk).saved_views.filter(page=page)
    row = own.filter(store_id=store_id, name=name).first()
    if row is None and own.count() >= MOST:
        raise RuleBroken(_("You have %(most)d views of this page. Delete one that you no longer use.") % {"most": MOST})
    view = row or SavedView(owner=owner, store_id=store_id, page=page, name=name, created_at=at)
    was_shared = view.is_shared
    view.query, view.is_shared = query, is_shared
    view.save(force_insert=True) if row is None else view.save(update_fields=["query", "is_shared"])
    if view.is_shared or was_shared:
        trail.record(owner, "saved_view.shared" if view.is_shared else "saved_view.withdrawn", view)
    return view, row is None


@transaction.atomic
def change_view(view: SavedView, *, name: str, is_shared: bool, by: User) -> SavedView:
    """Give a view of one's own another name, share it with its store or withdraw it.

    Raises RuleBroken for an empty name and for one that another view of the owner has.
    """
    name = _clean(name)
    User.objects.select_for_update(no_key=True).get(pk=view.owner_id)  # names are given one by one, as in save_view
    row = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    same = SavedView.objects.filter(owner=row.owner, store=row.store, page=row.page, name=name).exclude(pk=row.pk)
    if same.exists():
        raise RuleBroken(_("You already have a view of this name here. Choose another name."), field="name")
    was_shared = row.is_shared
    row.name, row.is_shared = name, is_shared
    row.save(update_fields=["name", "is_shared"])
    if was_shared != row.is_shared:
        trail.record(by, "saved_view.shared" if row.is_shared else "saved_view.withdrawn", row)
    return row


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Delete a view of one's own; a second click finds nothing and is no error."""
    row = SavedView.objects.select_for_update(of=("self",)).filter(pk=view.pk).first()
    if row is None:
        return
    if row.is_shared:
        trail.record(by, "saved_view.withdrawn", row)
    row.delete()


def _clean(name: str) -> str:
    """A name in one line; raises RuleBroken for an empty one and one that is too long."""
    written = " ".join(name.replace("\0", "").split())
    if not written:
        raise RuleBroken(_("Give the view a name, such as “Service advisors, 3 months”."), field="name")
    longest = SavedView._meta.get_field("name").max_length or 0
    if len(written) > longest:
        raise RuleBroken(_("The name is longer than %(most)d characters.") % {"most": longest}, field="name")
    return written
