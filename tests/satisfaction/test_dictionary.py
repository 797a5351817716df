"""The metric dictionary: every figure has an entry, and every number in its words is the constant that computes."""

import re

import pytest
from django.utils.translation import override

from satisfaction import queries, rules, shown
from satisfaction.queries import dictionary
from tests.satisfaction.surveys import order_of, respond

FIELDS = ("label", "formula", "unit", "population", "exclusions", "method", "source")
#: constant of the rules -> entries in whose words it stands
CONSTANTS = {
    "ENOUGH": ("index", "small", "rolling", "rank", "change"),
    "FEW": ("index", "small", "alert"),
    "VERY_SATISFIED_FROM": ("very_satisfied",),
    "PROMOTER_FROM": ("nps",),
    "DETRACTOR_TO": ("nps",),
    "LOW": ("item", "low"),
    "ANSWERED_SHARE": ("index", "low"),
    "APPLICABLE_AT_LEAST": ("index", "factor"),
    "GOOD": ("band",),
    "FAIR": ("band",),
    "FALL": ("alert",),
    "ROLLING_MONTHS": ("rolling",),
    "CALLS_FOLLOW": ("provisional",),
    "PRIOR_WEIGHT": ("interval",),
    "PRIOR_SPREAD": ("interval",),
}


def words(code: str) -> str:
    entry = dictionary.entries()[code]
    return " ".join(str(getattr(entry, field)) for field in FIELDS)


def test_every_figure_of_the_room_has_an_entry_with_all_its_words():
    entries = dictionary.entries()
    assert set(queries.FIGURES) <= set(entries)
    for code in (*queries.FIGURES, "factor", "item", "department", "employee"):
        for field in ("label", "formula", "unit", "population", "exclusions", "source"):
            assert str(getattr(entries[code], field)), f"{code}: {field}"
        if code != "low":
            assert str(entries[code].method)


def test_no_two_entries_share_a_code():
    codes = [entry.code for _title, found in dictionary.groups() for entry in found]
    assert len(codes) == len(set(codes))
    assert {"kept", "churned", "retained"} <= set(codes)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("name", "codes"), CONSTANTS.items())
def test_a_changed_constant_changes_the_words(name, codes, language, monkeypatch):
    other = type(getattr(rules, name))(7)
    with override(language):
        before = {code: words(code) for code in codes}
        monkeypatch.setattr(rules, name, other)
        for code in codes:
            assert words(code) != before[code], f"{code} does not tell of {name}"
            assert "7" in words(code)


def test_no_number_stands_in_the_words_without_its_constant(monkeypatch):
    """With every constant turned into 7, only scales and the 95 of 100 are left."""
    for name in CONSTANTS:
        monkeypatch.setattr(rules, name, type(getattr(rules, name))(7))
    with override("en"):
        for entry in (*dictionary.DEFINED, *dictionary.TERMS):
            said = " ".join(str(getattr(entry, field)) for field in FIELDS if field != "source")
            left = {int(number) for number in re.findall(r"\d+", said)}
            assert left <= {0, 1, 7, 10, 20, 95, 100, 700}, f"{entry.code}: {left}"


@pytest.mark.parametrize(("low", "hits"), [(9, 2), (8, 3), (10, 1)])
@pytest.mark.django_db
def test_the_figure_follows_the_constant_that_its_words_tell(store_a, low, hits, monkeypatch):
    from tests.satisfaction.surveys import short_answers
    from tests.satisfaction.test_figures import service

    for overall in (7, 8, 9, 10):
        respond(store_a, order=order_of(store_a), answers=short_answers(9, overall=overall))
    monkeypatch.setattr(rules, "VERY_SATISFIED_FROM", low)
    assert queries.VERY_SATISFIED.of(service(store_a)).hits == hits
    with override("en"):
        assert f"{low}–10" in words("very_satisfied")


@pytest.mark.parametrize(
    ("role", "status"), [("manager_a", 200), ("head_a", 200), ("director_a", 200), ("frontline_a", 403)]
)
def test_the_page_shows_every_entry_to_who_sees_scores(role, status, request, as_):
    page = as_(request.getfixturevalue(role)).get("/satisfaction/dictionary/")
    assert page.status_code == status
    if status == 200:
        text = page.content.decode()
        for code in dictionary.entries():
            assert f'id="{code}"' in text


def test_a_figure_is_never_shown_bare():
    mean = shown.Shown("index", rules.mean_of_values([rules.ZERO + 90] * 12), "/list/", is_provisional=True)
    with override("en"):
        assert (mean.text, mean.n, mean.href, mean.band) == ("90.0", 12, "/list/", "ok")
        assert [word for word, _why in mean.marks] == ["small sample", "provisional"]
    few = shown.Shown("index", rules.mean_of_values([rules.ZERO + 90] * 9), "/list/", is_provisional=True)
    assert (few.text, few.interval, few.marks, few.band, few.href) == ("–", "", [], "", "/list/")
    none = shown.Shown("index", rules.Mean(0, None), "/list/")
    assert (none.text, none.href) == ("–", "")


def test_three_months_open_their_own_list_and_take_no_rank():
    month, three = (rules.mean_of_values([rules.ZERO + 90] * count) for count in (4, 40))
    one = shown.Shown("index", month, "/m/", rolling=three, rolling_url="/3/", rank=rules.Rank(1, False, 3))
    assert (one.text, one.n, one.href, one.place) == ("90.0", 40, "/3/", "")
    with override("en"):
        assert [word for word, _why in one.marks] == ["three months"]


def test_a_share_and_a_net_score_have_their_own_units():
    share = shown.Shown("very_satisfied", rules.rate_of(30, 40), "/")
    assert (share.text, share.band) == ("75%", "")
    net = shown.Shown("nps", rules.nps_of(5, 20, 40), "/")
    assert (net.text, net.band, net.interval.count(" – ")) == ("−38", "", 1)
    count = shown.Shown("low", 5, "/")
    assert (count.text, count.n, count.marks) == ("5", 5, [])
