"""Saved views: codes only, one's own or shared with the store, and never a way to see more."""

import pytest
from django.urls import reverse

from crm_site.accounts.actions import save_view
from crm_site.accounts.models import SavedView
from crm_site.accounts.views.saved_views import kept
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from tests.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]
SAVE, MINE, DASHBOARD = reverse("accounts:view_save"), reverse("accounts:views"), reverse("satisfaction:dashboard")
PAGE = "satisfaction:dashboard"


def save(client, store, name="三个月", *, page=PAGE, query="kind=service&span=3", **more):
    return client.post(SAVE, {"page": page, "query": query, "name": name, "store": store.pk, **more})


def menu_of(client, url=DASHBOARD) -> dict:
    return client.get(url).context["menu"]


@pytest.mark.parametrize(
    ("sent", "keeps"),
    [
        ("span=3&kind=service", "kind=service&span=3"),
        ("month=2026-09&kind=service&page=n12", "kind=service"),
        ("q=13800138000&kind=service", "kind=service"),
        ("kind=service&kind=service", "kind=service"),
        ("<script>=1", ""),
        ("series=" + "x" * 600, ""),
        ("", ""),
    ],
)
def test_a_view_keeps_filters_only(sent, keeps):
    assert kept(sent) == keeps


def test_a_saved_view_stands_in_the_menu_and_opens_its_filters(as_, manager_a, store_a):
    client = as_(manager_a)
    answer = save(client, store_a)
    assert answer.url == f"{DASHBOARD}?kind=service&span=3"
    (row,) = menu_of(client)["rows"]
    assert row["name"] == "三个月"
    opened = client.get(row["url"])
    assert opened.context["lens"].span == 3
    assert opened.context["menu"]["current"]["name"] == "三个月"


def test_saving_under_the_same_name_replaces_the_filters(as_, manager_a, store_a):
    client = as_(manager_a)
    save(client, store_a)
    save(client, store_a, query="kind=sales")
    assert SavedView.objects.get().query == "kind=sales"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name_that_fits(as_, manager_a, store_a, name):
    client = as_(manager_a)
    assert save(client, store_a, name).status_code == 302
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("page", "query"),
    [("accounts:people", ""), ("nope", ""), ("satisfaction:breakdown", ""), ("satisfaction:breakdown a/b", "")],
)
def test_a_page_that_takes_no_part_is_404(as_, manager_a, store_a, page, query):
    assert save(as_(manager_a), store_a, page=page, query=query).status_code == 404
    assert not SavedView.objects.exists()


def test_a_comparison_is_saved_with_its_dimension(as_, manager_a, store_a):
    client = as_(manager_a)
    url = reverse("satisfaction:breakdown", args=["series"])
    save(client, store_a, page="satisfaction:breakdown series")
    assert [row["url"] for row in menu_of(client, url)["rows"]] == [f"{url}?kind=service&span=3"]
    assert menu_of(client, reverse("satisfaction:breakdown", args=["employee"]))["rows"] == []


def test_a_view_is_of_ones_own_until_it_is_shared(as_, manager_a, director_a, head_a, stranger_b, store_a):
    client = as_(manager_a)
    save(client, store_a)
    assert menu_of(as_(director_a))["rows"] == []
    row = SavedView.objects.get()
    client.post(reverse("accounts:view_change", args=[row.pk]), {"name": "季度", "is_shared": "1"})
    for colleague in (director_a, head_a):
        (shown,) = menu_of(as_(colleague))["rows"]
        assert (shown["name"], shown["owner"], shown["is_own"]) == ("季度", "温静", False)
    assert menu_of(as_(stranger_b))["rows"] == []
    assert Entry.objects.filter(action="saved_view.shared").count() == 1


def test_a_shared_view_shows_nobody_more_than_he_may_see(as_, manager_a, head_a, store_a):
    save(as_(manager_a), store_a, query="kind=service&department=workshop", is_shared="1")
    client = as_(head_a)
    (row,) = menu_of(client)["rows"]
    assert client.get(row["url"]).status_code == 404


def test_two_people_may_use_the_same_name(as_, manager_a, director_a, store_a):
    for person in (manager_a, director_a):
        save(as_(person), store_a, is_shared="1")
    rows = menu_of(as_(manager_a))["rows"]
    assert sorted((row["name"], row["owner"]) for row in rows) == [("三个月", ""), ("三个月", "罗总")]


def test_a_name_that_one_has_already_is_refused_when_renaming(as_, manager_a, store_a):
    client = as_(manager_a)
    save(client, store_a, "一")
    save(client, store_a, "二")
    row = SavedView.objects.get(name="二")
    answer = client.post(reverse("accounts:view_change", args=[row.pk]), {"name": "一"}, follow=True)
    assert "你已有同名视图" in answer.content.decode()
    row.refresh_from_db()
    assert row.name == "二"


@pytest.mark.parametrize("name", ["view_change", "view_delete"])
def test_only_the_owner_changes_and_deletes(as_, manager_a, director_a, stranger_b, store_a, name):
    save(as_(manager_a), store_a, is_shared="1")
    row = SavedView.objects.get()
    url = reverse(f"accounts:{name}", args=[row.pk])
    assert as_(director_a).post(url, {"name": "别人"}).status_code == 403
    assert as_(stranger_b).post(url, {"name": "别人"}).status_code == 404
    assert as_(manager_a).get(url).status_code == 405
    row.refresh_from_db()
    assert row.name == "三个月"


def test_deleting_twice_is_no_error(as_, manager_a, store_a):
    client = as_(manager_a)
    save(client, store_a)
    url = reverse("accounts:view_delete", args=[SavedView.objects.get().pk])
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 404
    assert not SavedView.objects.exists()


def test_nobody_saves_into_another_store_or_a_page_he_may_not_open(as_, manager_a, specialist_a, store_a, store_b):
    assert save(as_(manager_a), store_b).status_code == 404
    assert save(as_(specialist_a), store_a).status_code == 403
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_views_lists_mine_and_my_colleagues(as_, manager_a, director_a, store_a, language):
    save(as_(manager_a), store_a, "温静的")
    save(as_(director_a), store_a, "罗总的", is_shared="1")
    html = as_(manager_a, language).get(MINE).content.decode()
    assert "温静的" in html
    assert "罗总的" in html
    assert html.count(reverse("accounts:view_delete", args=[SavedView.objects.get(name="温静的").pk])) == 1


def test_a_menu_does_not_grow_without_end(manager_a, store_a, monkeypatch):
    monkeypatch.setattr("crm_site.accounts.actions.saved_views.MOST", 2)

    def add(name):
        return save_view(manager_a.user, store_id=store_a.pk, page=PAGE, query="", name=name, is_shared=False, at=NOON)

    add("一"), add("二")
    with pytest.raises(RuleBroken):
        add("三")
    assert add("二")[1] is False


@pytest.mark.parametrize(
    ("page", "query", "status"),
    [
        ("satisfaction:breakdown " + "a" * 200, "", 404),
        ("satisfaction:breakdown", "", 404),
        ("satisfaction:dashboard", "series=%00", 302),
    ],
)
def test_what_no_view_can_keep_is_no_fault_of_the_page(as_, manager_a, store_a, page, query, status):
    answer = save(as_(manager_a), store_a, page=page, query=query)
    assert answer.status_code == status
    assert not SavedView.objects.exclude(query="").exists()


def test_what_somebody_shared_goes_with_them(as_, manager_a, director_a, store_a, store_b):
    save(as_(manager_a), store_a, is_shared="1")
    assert [row["owner"] for row in menu_of(as_(director_a))["rows"]] == [manager_a.user.name]
    manager_a.user.memberships.update(store=store_b)
    assert menu_of(as_(director_a))["rows"] == []
