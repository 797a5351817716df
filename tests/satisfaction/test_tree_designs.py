"""Trees as plain values: what may be kept, what may be published, spreading weights, short forms, comparison."""

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from satisfaction import rules
from satisfaction.rules import designs
from satisfaction.rules.designs import Design, FactorDesign, ItemDesign, compare, problems, publish_problems


def factor(code: str, weight, name: str = "") -> FactorDesign:
    return FactorDesign(code, D(weight), name or f"因子{code}", name or f"Factor {code}")


def item(code: str, weight=0, within: str = "", kind: str = "score", **values) -> ItemDesign:
    made = ItemDesign(code, kind, D(weight), within, "none", False, f"题{code}", f"Item {code}")
    return replace(made, **values)


GOOD = Design(
    (factor("a", 60), factor("b", 40)),
    (item("a1", "20.5", "a"), item("a2", "39.5", "a"), item("b1", 40, "b"), item("all", kind="overall")),
)


def with_item(index: int, **values) -> Design:
    """GOOD with one item otherwise."""
    items = [replace(one, **values) if place == index else one for place, one in enumerate(GOOD.items)]
    return replace(GOOD, items=tuple(items))


def with_factor(index: int, **values) -> Design:
    factors = [replace(one, **values) if place == index else one for place, one in enumerate(GOOD.factors)]
    return replace(GOOD, factors=tuple(factors))


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        (GOOD, []),
        (Design(), []),
        (with_item(0, code="A1"), [("code", "items", 0)]),
        (with_item(0, code="1a"), [("code", "items", 0)]),
        (with_item(0, code="x" * 41), [("code", "items", 0)]),
        (with_factor(1, code="x" * 31), [("code", "factors", 1), ("factor", "items", 2)]),
        (with_item(1, code="a1"), [("code_twice", "items", 0), ("code_twice", "items", 1)]),
        (with_item(2, label_en=" "), [("label", "items", 2)]),
        (with_item(2, label_zh="长" * 121), [("label", "items", 2)]),
        (with_item(0, weight=D("20.505")), [("weight", "items", 0)]),
        (with_item(0, weight=D(-1)), [("weight", "items", 0)]),
        (with_item(0, weight=D("1E+30")), [("weight", "items", 0)]),
        (with_factor(0, weight=D(0)), [("weight", "factors", 0)]),
        (with_factor(0, weight=D("100.01")), [("weight", "factors", 0)]),
        (with_item(0, factor="c"), [("factor", "items", 0)]),
        (with_item(0, kind="nps"), [("kind", "items", 0)]),
        (with_item(3, weight=D(1)), [("extra_weight", "items", 3)]),
        (replace(GOOD, items=(*GOOD.items, item("two", kind="overall"))),
         [("kind_twice", "items", 3), ("kind_twice", "items", 4)]),
        (replace(GOOD, words=rules.TRADE_WORDS[:1]), [("words_count", "", -1)]),
        (Design(factors=tuple(factor(f"f{n}", 5) for n in range(21))), [("too_many_factors", "", -1)]),
        (Design(items=tuple(item(f"i{n}", kind="yes_no") for n in range(81))), [("too_many_items", "", -1)]),
    ],
)  # fmt: skip
def test_what_no_draft_can_hold(design, expected):
    assert [(one.code, one.rows, one.index) for one in problems(design)] == expected


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        (GOOD, []),
        (Design(), [("empty", D(0), D(0))]),
        (with_factor(0, weight=D("59.99")), [("sum", D("99.99"), D(100)), ("factor_sum", D(60), D("59.99"))]),
        (with_factor(0, weight=D("60.01")), [("sum", D("100.01"), D(100)), ("factor_sum", D(60), D("60.01"))]),
        (with_item(0, weight=D(20)), [("factor_sum", D("59.5"), D(60))]),
        (with_item(2, factor=""), [("factor_sum", D(0), D(40))]),
        (replace(GOOD, items=(*GOOD.items, item("idle", 0, "a"))), [("no_weight", D(0), D(0))]),
    ],
)
def test_only_weights_of_exactly_100_are_published(design, expected):
    assert [(one.code, one.found, one.wanted) for one in publish_problems(design, is_scored=True)] == expected


def test_an_unscored_form_needs_no_weights_but_a_question():
    assert publish_problems(Design(items=(item("q", kind="yes_no"),)), is_scored=False) == []
    assert [one.code for one in publish_problems(Design(), is_scored=False)] == ["empty"]


@forall(st.decimals("0.01", "100", places=2), st.integers(1, 40))
def test_a_weight_spread_evenly_sums_to_it_exactly(total, count):
    parts = designs.spread(total, count)
    assert (len(parts), sum(parts)) == (count, total)
    assert max(parts) - min(parts) <= D("0.01")
    assert parts == sorted(parts, reverse=True)


def test_nothing_is_spread_over_nobody():
    assert designs.spread(D(100), 0) == []


def test_the_short_form_has_the_heaviest_item_of_each_factor_with_the_factors_weight():
    long_form = replace(GOOD, items=(*GOOD.items, item("nps", kind="nps"), item("again", kind="loyalty")))
    short = designs.short_form(long_form)
    assert [(one.code, one.weight) for one in short.items] == [
        ("a2", D(60)), ("b1", D(40)), ("all", D(0)), ("again", D(0)),
    ]  # fmt: skip
    assert problems(short) == publish_problems(short, is_scored=True) == []


def test_a_factor_without_items_is_not_in_the_short_form():
    bare = replace(GOOD, items=tuple(one for one in GOOD.items if one.factor != "b"))
    assert [one.code for one in designs.short_form(bare).factors] == ["a"]


@pytest.mark.parametrize(
    ("name", "taken", "code"),
    [
        ("Charges clear!", set(), "charges_clear"),
        ("Charges clear", {"charges_clear"}, "charges_clear_2"),
        ("Charges clear", {"charges_clear", "charges_clear_2"}, "charges_clear_3"),
        ("3 days later", set(), "q_3_days_later"),
        ("收费", set(), "q"),
        ("x" * 80, set(), "x" * 36),
    ],
)
def test_a_code_is_made_from_the_english_name(name, taken, code):
    assert designs.code_from(name, taken) == code
    assert not problems(Design(items=(item(code, kind="text"),)))


def test_a_comparison_tells_what_is_new_gone_and_changed_and_in_what():
    new = Design(
        (replace(GOOD.factors[0], weight=D(70)), factor("c", 30)),
        (item("a1", "20.5", "a", label_en="Other"), item("a2", "49.5", "a", attribution="department"),
         item("b1", 30, "c"), item("all", kind="overall", is_required=True), item("more", kind="text")),
        scale="five",
    )  # fmt: skip
    found = compare(GOOD, new)
    told = {
        pair.shown.code: (pair.fate, pair.changed)
        for group in found.groups
        for pair in [*([group.factor] if group.factor else []), *group.items]
    }
    assert told == {
        "a": ("changed", ("weight",)),
        "a1": ("changed", ("label",)),
        "a2": ("changed", ("weight", "attribution")),
        "c": ("new", ()),
        "b1": ("changed", ("weight", "factor")),
        "b": ("gone", ()),
        "all": ("changed", ("is_required",)),
        "more": ("new", ()),
    }
    assert (found.scale, found.words_changed, found.count) == (("ten", "five"), False, 9)


def test_a_tree_compared_with_itself_differs_in_nothing():
    found = compare(GOOD, GOOD)
    assert (found.count, found.scale, found.words_changed) == (0, None, False)
