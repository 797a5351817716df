"""What becomes of a field that two people may have changed, as a table of (shown, stored, mine)."""

import pytest

from complaints.rules.combining import Fate, fate, fates

TABLE = [
    # shown, stored, mine -> fate
    ("a", "a", "a", Fate.SAME),
    ("a", "a", "b", Fate.MINE),
    ("a", "b", "a", Fate.THEIRS),
    ("a", "b", "b", Fate.SAME),
    ("a", "b", "c", Fate.BOTH),
    # emptying counts as a change like any other
    ("a", "a", "", Fate.MINE),
    ("a", "", "a", Fate.THEIRS),
    ("a", "", "", Fate.SAME),
    ("a", "", "c", Fate.BOTH),
    ("a", "b", "", Fate.BOTH),
    ("", "", "b", Fate.MINE),
    ("", "b", "", Fate.THEIRS),
    ("", "b", "c", Fate.BOTH),
    # nobody knows what the page had shown: nothing is overwritten unseen
    (None, "a", "a", Fate.SAME),
    (None, "a", "b", Fate.BOTH),
    (None, "", "b", Fate.BOTH),
]


@pytest.mark.parametrize(("shown", "stored", "mine", "expected"), TABLE)
def test_the_fate_of_a_field(shown, stored, mine, expected):
    assert fate(shown, stored, mine) is expected


def test_what_stands_is_never_overwritten_by_somebody_who_did_not_see_it():
    for shown, stored, mine, expected in TABLE:
        if expected is Fate.MINE:
            assert shown == stored, (shown, stored, mine)


def test_a_field_that_stands_nowhere_is_empty():
    assert fates({"note": ""}, {}, {"note": "已联系"}) == {"note": Fate.MINE}
    assert fates({}, {}, {"note": ""}) == {"note": Fate.SAME}
