"""What looks through everything that is kept says that it goes on, reads no file further than is wise, and ends."""

import io
import uuid
import zipfile

import pytest

from crm_site.core import clock
from crm_site.core.persons import Person
from crm_site.files import actions as files
from crm_site.files import persons
from crm_site.files.models import StoredFile
from crm_site.privacy import parcel
from crm_site.privacy.actions import nightly, requests
from crm_site.privacy.models import DataRequest
from crm_site.privacy.persons import person_of, rooms
from tests.factories import NOON, CustomerFactory, PhoneFactory

pytestmark = pytest.mark.django_db
NUMBER = "13900007788"
LATER = NOON.replace(year=NOON.year + 12)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """The files of a test lie in its own folder."""
    settings.MEDIA_ROOT = str(tmp_path)


def brought(store, content: bytes, name: str) -> StoredFile:
    """A list that somebody imported."""
    return files.keep(
        content, name, store=store, owner=None, purpose=StoredFile.Purpose.IMPORT, capability="x", now=NOON
    )


def packed(**parts: bytes) -> bytes:
    """An archive with parts, as a workbook is one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def somebody(store, **more) -> Person:
    """Whose number is NUMBER."""
    return Person(store_id=store.pk, customer_ids=(), words=(NUMBER,), now=NOON, **more)


def names_of(sections) -> list[str]:
    return [row[0] for section in sections for row in section.rows]


@pytest.mark.parametrize("before", range(0, 30, 3))
def test_a_number_is_found_wherever_a_block_ends(before, store_a, monkeypatch):
    monkeypatch.setattr(persons, "BLOCK", 16)
    brought(store_a, packed(sheet=b"x" * before + NUMBER.encode() + b"y" * 40), "a.xlsx")
    brought(store_a, b"x" * before + NUMBER.encode("utf-16-le") + b"y" * 40, "b.csv")
    brought(store_a, packed(sheet=b"x" * 90), "c.xlsx")
    assert names_of(persons.ROOM.export(somebody(store_a))) == ["a.xlsx", "b.csv"]


def test_what_cannot_be_looked_through_to_its_end_goes_and_is_not_told_of(store_a, monkeypatch):
    monkeypatch.setattr(persons, "MOST", 10_000)
    kept = brought(store_a, packed(one=b"0" * 4_000, other=b"0" * 4_000), "small.xlsx")
    bomb = brought(store_a, packed(one=b"0" * 9_000, other=b"0" * 9_000), "bomb.xlsx")
    assert persons.ROOM.export(somebody(store_a)) == []
    assert persons.ROOM.erase(somebody(store_a)) == {"files.storedfile": 1}
    assert files.path_of(kept).exists()
    assert not files.path_of(bomb).exists()


def test_looking_through_files_says_before_each_that_it_goes_on(store_a):
    for number in range(3):
        brought(store_a, b"nothing", f"{number}.csv")
    said = []
    persons.ROOM.export(somebody(store_a, still=lambda: said.append(1)))
    assert len(said) == 3


def test_the_night_holds_its_job_before_every_room_of_a_person(store_a, manager_a):
    customer = CustomerFactory(store=store_a, created_at=NOON)
    PhoneFactory(customer=customer, number=NUMBER)
    asked = requests.take(
        customer.pk, kind="erase", words="请删除", asked_on=clock.business_day(LATER), submission=uuid.uuid4(),
        by=manager_a.employee, now=LATER,
    )  # fmt: skip
    requests.grant(asked.pk, reason="期满", by=manager_a.employee, now=LATER)
    held, said = [], []
    done = nightly.round_of(store_a.pk, now=LATER, hold=lambda: held.append(1), still=lambda: said.append(1))
    assert done["anonymised"] == 1
    assert DataRequest.objects.get().state == DataRequest.State.DONE
    assert len(held) > len(rooms())
    assert len(said) == len(done["expired"])


def test_a_parcel_says_before_every_room_that_it_goes_on(store_a, tmp_path):
    said = []
    person = person_of(CustomerFactory(store=store_a), now=NOON, still=lambda: said.append(1))
    parcel.write(person, tmp_path / "parcel.zip", title="K1", reason="", now=NOON)
    assert len(said) >= len(rooms())
