"""Intake: a customer found by a few signs, a preview that is true, duplicates caught, nothing typed lost."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints import actions
from complaints.forms.reporting import category_choices
from complaints.models import Complaint, Kind, Source, State
from complaints.rules import guess
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files.models import StoredFile
from crm_site.notices.models import Notice
from customers import search
from tests.complaints.story import open_ticket, snapshot
from tests.complaints.test_attachments import PNG, SVG
from tests.factories import CustomerFactory, PhoneFactory, RepairOrderFactory, VehicleFactory, VehicleRoleFactory

NEW, FORESEE = reverse("complaints:new"), reverse("complaints:foresee")


def typed(**given) -> dict:
    return {
        "submission": str(uuid.uuid4()),
        "words": "空调洗完第二天还是有异味，没修好",
        "kind": "complaint",
        "source": "phone",
        "received_at": f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}",
    } | given


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def owner(store_a):
    customer = CustomerFactory(store=store_a, name="仇雨桐", salutation="女士")
    PhoneFactory(customer=customer, number="13800138000")
    vehicle = VehicleFactory(store=store_a, plate_no="渝A12345")
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    RepairOrderFactory(vehicle=vehicle, customer=customer)
    search.refresh([customer.pk])
    return customer


# --- who it is about ---


@pytest.mark.parametrize("words", ["8000", "渝A12345", "仇雨桐", "qyt"])
def test_one_hit_is_taken_at_once_with_the_only_car(as_, specialist_a, owner, words):
    page = as_(specialist_a).post(NEW, typed(check=1, typed=words))
    form = page.context["form"]
    assert page.context["customer"] == owner
    assert str(form["vehicle"].value()) == str(owner.vehicle_roles.get().vehicle_id)
    assert "没修好" in text(page)
    assert not Complaint.objects.exists()


def test_several_hits_are_offered(as_, specialist_a, owner):
    other = CustomerFactory(store=owner.store, name="王一")
    PhoneFactory(customer=other, number="13900128000")
    search.refresh([other.pk])
    page = as_(specialist_a).post(NEW, typed(check=1, typed="8000"))
    assert page.context["customer"] is None
    assert {hit["customer"] for hit in page.context["hits"]} == {owner, other}
    assert "13800138000" not in text(page)


def test_a_stranger_is_kept_on_the_ticket(as_, specialist_a):
    given = {"customer_name": "周先生", "customer_phone": "139 0013 9000", "brand": "远岚", "series": "V7"}
    as_(specialist_a).post(NEW, typed(store=specialist_a.store.pk, **given))
    ticket = Complaint.objects.get()
    assert (ticket.customer, ticket.customer_phone, ticket.car_words) == (None, "13900139000", "远岚 V7")
    page = text(as_(specialist_a).get(reverse("complaints:detail", args=[ticket.pk])))
    assert "139****9000" in page
    assert "13900139000" not in page


def test_what_was_written_of_a_stranger_falls_away_once_the_customer_is_found(as_, specialist_a, owner):
    as_(specialist_a).post(NEW, typed(customer=owner.pk, store=owner.store_id, customer_name="打错的"))
    ticket = Complaint.objects.get()
    assert (ticket.customer, ticket.customer_name) == (owner, "")


def test_the_job_brings_its_car(as_, specialist_a, owner):
    order = owner.repair_orders.get() if hasattr(owner, "repair_orders") else None
    order = order or RepairOrderFactory(customer=owner, vehicle=owner.vehicle_roles.get().vehicle)
    as_(specialist_a).post(NEW, typed(customer=owner.pk, store=owner.store_id, job=f"order:{order.pk}"))
    assert Complaint.objects.get().vehicle_id == order.vehicle_id


# --- what saving will do ---


@pytest.mark.parametrize(
    ("given", "level"),
    [
        ({}, "L2"),
        ({"kind": "grievance", "words": "大厅太吵"}, "L1"),
        ({"demand": "退款"}, "L3"),
        ({"words": "高速上刹车失灵"}, "L4"),
        ({"source": "12315"}, "L4"),
        ({"level": "L3"}, "L3"),
    ],
)
def test_the_preview_is_what_saving_does(as_, specialist_a, owner, given, level):
    client, sent = as_(specialist_a), typed(customer=owner.pk, store=owner.store_id, **given)
    foreseen = client.post(FORESEE, sent).context["preview"]
    assert not Complaint.objects.exists()
    client.post(NEW, sent)
    ticket = Complaint.objects.get()
    assert (foreseen.level.code, ticket.level.code) == (level, level)
    assert foreseen.reason


def test_the_preview_warns_of_late_intake_and_so_does_saving(as_, specialist_a):
    heard = clock.local(clock.now() - timedelta(hours=3))
    sent = typed(store=specialist_a.store.pk, received_at=f"{heard:%Y-%m-%dT%H:%M}")
    client = as_(specialist_a, "en")
    assert "later than the hour that is allowed" in text(client.post(FORESEE, sent))
    assert "one hour is the rule" in text(client.post(NEW, sent, follow=True))


def test_in_time_there_is_no_warning(as_, specialist_a):
    client, sent = as_(specialist_a, "en"), typed(store=specialist_a.store.pk)
    assert "one hour" not in text(client.post(FORESEE, sent)) + text(client.post(NEW, sent, follow=True))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("空调洗完还是有异味，没修好", "repair.not_fixed"),
        ("等了两个小时没人管", "service.waiting"),
        ("工时费收了三百", "charges.labour"),
        ("车机老是死机黑屏", "product.infotainment"),
        ("电池充不进电，续航只有一半", "product.ev"),
    ],
)
def test_the_words_point_to_a_category(words, code):
    assert guess.categories(words, guess.WORDS)[0] == code


def test_a_guess_never_decides(as_, specialist_a):
    as_(specialist_a).post(NEW, typed(store=specialist_a.store.pk))
    assert Complaint.objects.get().category is None


def test_every_category_has_a_number_of_its_own(store_a):
    labels = [
        label
        for _top, inner in category_choices(store_a.pk)
        for _code, label in (inner if isinstance(inner, list) else [])
    ]
    signs = [label.split()[0] for label in labels]
    assert len(set(signs)) == len(signs) > 30
    assert "31 未修复" in labels


def test_number_and_deadline_from_outside_belong_to_outside_sources(as_, specialist_a):
    sent = {"external_number": "50023", "external_due_at": "2030-01-01T10:00", "store": specialist_a.store.pk}
    client = as_(specialist_a)
    client.post(NEW, typed(source="hotline", **sent))
    client.post(NEW, typed(source="phone", **sent))
    hotline, phone = Complaint.objects.order_by("pk")
    assert (hotline.external_number, phone.external_number) == ("50023", "")
    assert hotline.external_due_at is not None
    assert phone.external_due_at is None


# --- asked again, and the same from another source ---


@pytest.fixture
def main(specialist_a, owner):
    return open_ticket(specialist_a, customer=owner, level_code="L2")


def test_asking_again_is_logged_with_the_words_and_makes_no_ticket(as_, specialist_a, owner, main):
    as_(specialist_a).post(NEW, typed(customer=owner.pk, chase=main.pk, words="到底什么时候有结果"))
    main.refresh_from_db()
    assert (main.chased, Complaint.objects.count()) == (1, 1)
    assert main.steps.latest("sequence").note == "到底什么时候有结果"


def test_asking_again_without_words_says_what_is_missing(as_, specialist_a, owner, main):
    answer = as_(specialist_a).post(NEW, typed(customer=owner.pk, chase=main.pk, words=" ", demand="尽快"))
    main.refresh_from_db()
    assert (answer.status_code, main.chased) == (422, 0)
    assert "尽快" in text(answer)


def test_the_same_matter_is_registered_and_merged_in_one_go(as_, specialist_a, head_a, owner, main):
    actions.accept(main.pk, handler=head_a.employee, by=head_a.employee, now=clock.now())
    sent = typed(customer=owner.pk, store=owner.store_id, source="12315", external_number="50023", same=main.pk)
    for _ in range(2):
        as_(specialist_a).post(NEW, sent)
    main.refresh_from_db()
    merged = Complaint.objects.exclude(pk=main.pk).get()
    assert (merged.state, merged.merged_into) == (State.MERGED, main)
    assert (main.level.code, main.external_number) == ("L4", "50023")
    assert merged.number in main.steps.latest("sequence").note
    assert Notice.objects.filter(user=head_a.user, code="complaint.joined").count() == 1


def test_a_ticket_of_another_customer_is_no_main_one(as_, specialist_a, owner):
    foreign = open_ticket(specialist_a, customer=CustomerFactory(store=owner.store))
    before = snapshot(foreign)
    answer = as_(specialist_a).post(NEW, typed(customer=owner.pk, store=owner.store_id, same=foreign.pk))
    assert answer.status_code == 404
    assert Complaint.objects.count() == 1
    assert snapshot(foreign) == before


def test_a_merge_into_a_closed_ticket_is_refused_and_registers_nothing(specialist_a, owner, main):
    Complaint.objects.filter(pk=main.pk).update(state=State.CLOSED, closed_at=clock.now())
    with pytest.raises(RuleBroken):
        actions.open_merged(
            into=main, store_id=owner.store_id, kind=Kind.COMPLAINT, source=Source.PHONE, words="又来了",
            customer=owner, reported_by=specialist_a.employee, received_at=clock.now(), now=clock.now(),
            submission=uuid.uuid4(),
        )  # fmt: skip
    assert Complaint.objects.count() == 1


# --- files ---


def test_files_come_with_the_ticket(as_, specialist_a):
    sent = typed(store=specialist_a.store.pk)
    as_(specialist_a).post(NEW, sent | {"files": [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.png", PNG)]})
    ticket = Complaint.objects.get()
    assert [row.file.name for row in ticket.attachments.all()] == ["a.png", "b.png"]
    assert not StoredFile.objects.filter(expires_on__isnull=False).exists()


def test_a_refused_file_costs_nothing_else(as_, specialist_a):
    client, sent = as_(specialist_a, "en"), typed(store=specialist_a.store.pk)
    answer = client.post(NEW, sent | {"files": [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("x.svg", SVG)]})
    assert answer.status_code == 422
    assert "“x.svg” is a web page" in text(answer)
    assert "没修好" in text(answer)
    kept = [file.pk for file in answer.context["kept"]]
    assert len(kept) == 1
    client.post(NEW, sent | {"kept": kept})
    assert [row.file.name for row in Complaint.objects.get().attachments.all()] == ["a.png"]


def test_files_survive_a_search_and_missing_words(as_, specialist_a, owner):
    client = as_(specialist_a)
    page = client.post(NEW, typed(check=1, typed="8000", store=owner.store_id, files=SimpleUploadedFile("a.png", PNG)))
    kept = [file.pk for file in page.context["kept"]]
    page = client.post(NEW, typed(customer=owner.pk, store=owner.store_id, words="", kept=kept))
    assert (page.status_code, [file.pk for file in page.context["kept"]]) == (422, kept)


def test_somebody_elses_waiting_file_is_not_taken(as_, specialist_a, specialist_a2):
    page = as_(specialist_a2).post(
        NEW, typed(check=1, store=specialist_a2.store.pk, files=SimpleUploadedFile("a.png", PNG))
    )
    kept = [file.pk for file in page.context["kept"]]
    assert kept
    as_(specialist_a).post(NEW, typed(store=specialist_a.store.pk, kept=kept))
    assert not Complaint.objects.get().attachments.exists()
