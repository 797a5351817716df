"""The gallery of nasty files: each is taken with the verdicts that it deserves, or refused for its true reason."""

import pytest

from crm_site.imports.models import BatchState, StagedRow
from tests.imports import gallery, sheets

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", gallery.ALL)
def test_every_nasty_file_gets_the_verdict_that_it_deserves(admin_a, kind):
    case = gallery.ALL[kind]
    batch = sheets.read(admin_a, case.build(), name=case.name)
    if case.refusal:
        assert (batch.state, batch.refusal) == (BatchState.REFUSED, case.refusal)
        assert not StagedRow.objects.filter(batch=batch).exists()
        return
    assert (batch.state, batch.refusal) == (BatchState.PREVIEW, "")
    assert (batch.layout, batch.reading["format"]) == (case.layout, case.format)
    assert {name: batch.counts.get(name, 0) for name in case.counts} == case.counts
    assert batch.counts["rows"] == sum(case.counts.values())
    rows = {row.row: row for row in StagedRow.objects.filter(batch=batch)}
    codes = {number: [one["code"] for one in rows[number].findings] for number in case.found}
    assert {number: sorted(set(codes[number]) & set(wanted)) for number, wanted in case.found.items()} == {
        number: sorted(set(wanted)) for number, wanted in case.found.items()
    }, codes
    assert {place: rows[place[0]].clean.get(place[1]) for place in case.clean} == case.clean


def test_the_gallery_is_large():
    assert len(gallery.ALL) >= 60
