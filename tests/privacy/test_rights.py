"""T64: all that is known of a person is handed over; forgotten, nothing of them is left, and no figure has changed."""

import json
import uuid
import zipfile

import pytest

from complaints.models import Attachment, Complaint, IntakeDraft, Step
from crm_site.audit.models import Entry
from crm_site.core import clock, xlsx
from crm_site.core.dates import Month
from crm_site.core.figures import Scope
from crm_site.core.persons import GONE
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.models import AppliedChunk, BatchState, ImportBatch, StagedRow, Verdict
from crm_site.privacy import parcel
from crm_site.privacy.actions import anonymising, requests
from crm_site.privacy.models import DataRequest, Merge, MergeRow
from crm_site.privacy.persons import person_of, rooms
from crm_site.reports import actions as reports
from crm_site.reports import rules as report_rules
from crm_site.reports.models import Appeal
from crm_site.reports.snapshot import compose
from customers import search
from customers.models import Customer, FormerPlate, MileageReading, Phone, ProfileValue, VehicleRole
from revisits.models import AttemptPurpose, CallAttempt, CallDraft, Revisit
from revisits.queries.indicators import INDICATORS
from satisfaction.queries import FIGURES
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    PhoneFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.privacy import canaries, graphs
from tests.reports.month import MONTH, full_month

pytestmark = pytest.mark.django_db
#: long after every archive's term
LATER = NOON.replace(year=NOON.year + 12)


@pytest.fixture
def life(store_a, manager_a, settings, tmp_path):
    """A customer with a row in every table that can hold something of them, and a card merged into theirs."""
    settings.MEDIA_ROOT = str(tmp_path)
    world = graphs.make_world(store_a)
    one, merged, other = world.cards
    for card in (one, merged):
        graphs.one_of_each(world, card)
    Customer.objects.filter(pk=merged.pk).update(merged_into=one.pk)
    VehicleRole.objects.exclude(customer__in=[one.pk, merged.pk]).delete()
    _around(world, one, merged, manager_a)
    return world


def _around(world, one, merged, by) -> None:
    """What the graphs of relations have not: drafts, files, journals, a spreadsheet's lines."""
    store, who = world.store, world.by
    car = VehicleFactory(store=store)
    VehicleRoleFactory(vehicle=car, customer=one, store=store)
    FormerPlate.objects.create(store=store, vehicle=car, plate_no="渝B1", until=DAY)
    MileageReading.objects.create(store=store, vehicle=car, read_on=DAY, km=10)
    task = Revisit.objects.filter(customer=one).first()
    CallDraft.objects.create(store=store, revisit=task, by=who, started_at=NOON, kept_at=NOON)
    attempt = CallAttempt.objects.filter(revisit__customer__in=[one.pk, merged.pk]).first()
    AttemptPurpose.objects.create(attempt=attempt, revisit=task, result=attempt.result, note="x")
    ticket = Complaint.objects.filter(customer=one).first()
    Step.objects.create(store=store, complaint=ticket, sequence=9, at=NOON, action="edit", to_state="registered")
    stored = files.keep(
        b"scan", "scan.png", store=store, owner=who, purpose=StoredFile.Purpose.ATTACHMENT, capability="x", now=NOON
    )
    Attachment.objects.create(
        store=store, complaint=ticket, file=stored, added_at=NOON, added_by=who, submission=uuid.uuid4()
    )
    IntakeDraft.objects.create(store=store, by=who, kept_at=NOON, values={"customer": [str(one.pk)], "words": ["x"]})
    Appeal.objects.create(
        store=store, report=reports.build_draft(store, MONTH, None, now=NOON), complaint=ticket, employee=who,
        raised_by=who, raised_at=NOON, reason="x", submission=uuid.uuid4(),
    )  # fmt: skip
    merge = Merge.objects.create(
        store=store, survivor=one, merged=merged, at=NOON, by=who, submission=uuid.uuid4(), undo_until=DAY
    )
    MergeRow.objects.create(merge=merge, position=1, kind="changed", relation="x", row=1, whole={})
    _spreadsheet(store, who, one)
    ProfileValue.objects.create(store=store, customer=one, field="pet", value="x")


def _spreadsheet(store, who, one) -> None:
    stored = files.keep(
        b"x", "x.csv", store=store, owner=who, purpose=StoredFile.Purpose.IMPORT, capability="x", now=NOON
    )
    batch = ImportBatch.objects.create(
        store=store, layout="customers", file=stored, uploaded_by=who, uploaded_at=NOON, submission=uuid.uuid4(),
        state=BatchState.APPLIED,
    )  # fmt: skip
    StagedRow.objects.create(
        batch=batch, sheet="s", row=2, raw={}, verdict=Verdict.CHANGED, target_type="customers.customer",
        target_id=one.pk, applied=True,
    )  # fmt: skip
    StagedRow.objects.create(batch=batch, sheet="s", row=3, raw=["别人"], verdict=Verdict.NEW, applied=True)


def _plant(world) -> dict[str, str]:
    """Canaries everywhere, and what follows from them: words of the search, journals, lines, the file itself."""
    one, merged = world.cards[:2]
    planted = canaries.plant([one.pk, merged.pk])
    search.refresh([one.pk])
    name = Customer.objects.get(pk=one.pk).name
    batch = ImportBatch.objects.get()
    line = StagedRow.objects.get(row=2)
    line.raw, line.clean, line.changes = [name], {"name": name}, {"name": ["王", name]}
    line.save(update_fields=["raw", "clean", "changes"])
    AppliedChunk.objects.create(
        batch=batch, number=1, at=NOON, updated={"customers.customer": {str(one.pk): {"name": ["王", name]}}}
    )
    draft = IntakeDraft.objects.get()
    draft.values["words"] = [name]
    draft.save(update_fields=["values"])
    number = Phone.objects.filter(customer=one).first().number
    _write(batch.file, f"{name},{number}\n别人,1\n".encode())
    _write(Attachment.objects.get().file, name.encode())
    return planted


def _write(stored, content: bytes) -> None:
    files.path_of(stored).chmod(0o600)
    files.path_of(stored).write_bytes(content)


def _erase(customer, by, now=LATER) -> dict[str, int]:
    Complaint.objects.open().filter(store=customer.store).update(state="closed", closed_at=NOON)
    asked = requests.take(
        customer.pk,
        kind="erase",
        words="请删除",
        asked_on=clock.business_day(now),
        submission=uuid.uuid4(),
        by=by,
        now=now,
    )
    requests.grant(asked.pk, reason="期满", by=by, now=now)
    return anonymising.anonymise(asked.pk, by=by, now=now)


def _parcel(customer, tmp_path) -> zipfile.ZipFile:
    out = tmp_path / "parcel.zip"
    parcel.write(person_of(customer, now=NOON), out, title="K1", reason="", now=NOON)
    return zipfile.ZipFile(out)


def test_everything_that_is_known_of_a_person_is_in_their_file(life, tmp_path):
    planted = _plant(life)
    archive = _parcel(life.cards[0], tmp_path)
    told = archive.read("data.json").decode()
    attached = next(name for name in archive.namelist() if name.startswith("files/"))
    missing = {place for canary, place in planted.items() if canary not in told}
    assert not missing
    assert len(planted) > 150
    assert life_name(life) in archive.read(attached).decode()


def life_name(life) -> str:
    """The name that the first card bears now."""
    return Customer.objects.get(pk=life.cards[0].pk).name


def test_the_page_of_the_file_can_be_read_without_a_program(life, tmp_path):
    _plant(life)
    page = _parcel(life.cards[0], tmp_path).read("index.html").decode()
    assert life_name(life) in page
    assert "客户原话" in page
    assert "source_values" not in page


def test_the_lists_of_hashes_is_true(life, tmp_path):
    import hashlib

    archive = _parcel(life.cards[0], tmp_path)
    for line in archive.read("SHA256SUMS.txt").decode().splitlines():
        digest, _blank, name = line.partition("  ")
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_nothing_is_left_of_a_person_who_is_forgotten(life, manager_a):
    planted = _plant(life)
    personal = [canary for canary, place in planted.items() if not canaries.is_staying(place)]
    assert set(canaries.left(personal)) == set(personal)
    _erase(life.cards[0], manager_a.employee)
    still = {(planted[canary], tuple(places)) for canary, places in canaries.left(personal).items()}
    assert not still


def test_what_others_said_and_have_stays(life, manager_a):
    other = CustomerFactory(store=life.store, name="别人")
    number = PhoneFactory(customer=other).number
    shared = VehicleFactory(store=life.store)
    VehicleRoleFactory(vehicle=shared, customer=life.cards[0], store=life.store, until=DAY)
    VehicleRoleFactory(vehicle=shared, customer=other, store=life.store)
    _erase(life.cards[0], manager_a.employee)
    other.refresh_from_db()
    shared.refresh_from_db()
    assert (other.name, other.phones.get().number, other.restricted) == ("别人", number, False)
    assert shared.vin
    assert shared.plate_no
    assert StagedRow.objects.get(row=3).raw == ["别人"]


def test_a_car_of_nobody_else_keeps_its_make_and_loses_what_leads_to_it(life, manager_a):
    car = VehicleRole.objects.filter(customer=life.cards[0], role="owner", until=None).order_by("-pk").first().vehicle
    _erase(life.cards[0], manager_a.employee)
    car.refresh_from_db()
    assert (car.vin, car.plate_no, car.engine_no, car.series) == (None, "", "", "远岚")


def test_the_merged_card_is_forgotten_too(life, manager_a):
    _erase(life.cards[0], manager_a.employee)
    assert set(Customer.objects.filter(pk__in=[card.pk for card in life.cards[:2]]).values_list("name", flat=True)) == {
        GONE
    }


def test_the_trail_holds_no_personal_value(life, manager_a):
    _plant(life)
    _erase(life.cards[0], manager_a.employee)
    assert "金丝雀" not in json.dumps(list(Entry.objects.values("detail", "actor_name")), ensure_ascii=False)
    entry = Entry.objects.get(action="customer.anonymised")
    assert entry.detail["tables"]["customers.customer"] == 2


def test_a_line_that_names_a_number_of_theirs_is_blanked_whoever_it_became(life, manager_a):
    number = Phone.objects.filter(customer=life.cards[0]).first().number
    batch = ImportBatch.objects.get()
    line = StagedRow.objects.create(batch=batch, sheet="s", row=9, raw=["x", number], verdict=Verdict.NEW)
    plate = VehicleRole.objects.filter(customer=life.cards[0]).first().vehicle.plate_no
    other = StagedRow.objects.create(
        batch=batch, sheet="s", row=10, raw=[], clean={"plate": plate}, verdict=Verdict.ASK
    )
    _erase(life.cards[0], manager_a.employee)
    line.refresh_from_db()
    other.refresh_from_db()
    assert (line.raw, line.verdict, other.clean, other.verdict) == ([], Verdict.SKIPPED, {}, Verdict.SKIPPED)


def test_files_that_hold_a_number_of_theirs_go_and_others_stay(life, manager_a):
    number = Phone.objects.filter(customer=life.cards[0]).first().number
    values = {
        "store": life.store,
        "owner": life.by,
        "purpose": StoredFile.Purpose.EXPORT,
        "capability": "x",
        "now": LATER,
    }
    book = xlsx.workbook_bytes([xlsx.Sheet("a", [xlsx.Column("电话")], [[number]])], created=NOON)
    theirs = files.keep(book, "名单.xlsx", **values)
    others = files.keep(b"1,2", "others.csv", **values)
    _erase(life.cards[0], manager_a.employee)
    theirs.refresh_from_db()
    others.refresh_from_db()
    assert (theirs.removed_at is not None, others.removed_at) == (True, None)
    assert not files.path_of(theirs).exists()


def test_a_second_run_changes_nothing(life, manager_a):
    _erase(life.cards[0], manager_a.employee)
    asked = DataRequest.objects.get(kind="erase")
    assert anonymising.anonymise(asked.pk, by=None, now=LATER) == {}
    person = person_of(Customer.objects.get(pk=life.cards[0].pk), now=LATER)
    again = {table: count for room in rooms() for table, count in room.erase(person).items()}
    assert not {
        table: count
        for table, count in again.items()
        if table not in ("complaints.intakedraft", "files.storedfile", "imports.importbatch")
    }


def _figures(store) -> dict:
    """What the month's report and the dashboards say."""
    scope = Scope.of_month((store.pk,), Month(MONTH.year, MONTH.month))
    told = {code: str(figure.of(scope)) for code, figure in {**FIGURES, **INDICATORS}.items()}
    return {**told, "draft": report_rules.canonical(compose(store.pk, MONTH))}


def test_no_figure_changes_when_the_only_customer_of_a_month_is_forgotten(store_a, manager_a):
    world = full_month(store_a, orders=80, deliveries=40, answers=40, tickets=120)
    customer = world.customer
    PhoneFactory(customer=customer)
    Customer.objects.filter(pk=customer.pk).update(restricted=True)
    Complaint.objects.open().update(state="closed", closed_at=NOON)
    Complaint.objects.update(customer=customer)
    draft = reports.build_draft(store_a, MONTH, None, now=NOON)
    report = reports.publish(draft.pk, by=manager_a.employee, now=NOON)
    before = _figures(store_a)
    _erase(customer, manager_a.employee)
    report.refresh_from_db()
    assert report_rules.digest(report.snapshot) == report.sha256
    assert _figures(store_a) == before
