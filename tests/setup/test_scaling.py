"""docs/scaling.md says of every table what would become of it by store; the models decide whether that is true."""

from pathlib import Path

from bench import _scale_keys

PAGE = Path(__file__).resolve().parents[2] / "docs/scaling.md"
BEGIN, END = "<!-- by python -m bench._scale_keys -->\n", "\n<!-- end -->"


def test_the_document_says_of_each_table_what_the_models_say():
    written = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    expected = "\n".join(_scale_keys.lines())
    assert written == expected, "run `python -m bench._scale_keys` and put its lines into docs/scaling.md"


def test_every_row_that_is_shared_out_knows_its_store_or_the_row_it_belongs_to():
    for one in _scale_keys.verdicts():
        assert (one.kind == _scale_keys.CHILD) == bool(one.parent), one


def test_no_key_leads_from_a_reference_table_to_one_that_is_shared_out():
    lost = [name for one in _scale_keys.verdicts() if one.kind == _scale_keys.REFERENCE for name in one.lost]
    assert not lost
