"""The designer's changes: who edits what when, publishing and retiring, and that answers of the past stand still."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits.models import RuleVersion
from satisfaction import actions
from satisfaction.models import Questionnaire, QuestionnaireVersion, Response
from satisfaction.queries import current_version
from satisfaction.queries.designs import design_of, loaded
from tests.factories import DAY, NOON
from tests.satisfaction.surveys import respond, short_answers
from tests.satisfaction.trees import own_tree

State = QuestionnaireVersion.State


@pytest.fixture
def by(admin_a):
    return admin_a.employee


def version_of(code: str, store) -> QuestionnaireVersion:
    """The version asked now, with its tree."""
    return reread(current_version(code, store.pk))


def reread(version) -> QuestionnaireVersion:
    return loaded(QuestionnaireVersion.objects.filter(pk=version.pk)).get()


@pytest.fixture
def draft(store_a, by):
    """Version 2 of the short CSI, a draft like version 1."""
    published = version_of("CSI_SHORT", store_a)
    return reread(actions.copy_version(published, to=published.questionnaire, by=by, at=NOON))


def weighing(design, **weights):
    """A design with other weights, of factors and of the one item that each has."""
    factors = tuple(replace(one, weight=D(weights.get(one.code, one.weight))) for one in design.factors)
    items = tuple(replace(one, weight=D(weights.get(one.factor, one.weight))) for one in design.items)
    return replace(design, factors=factors, items=items)


def save(draft, design, by, *, shown=None, note=""):
    shown = QuestionnaireVersion.objects.get(pk=draft.pk).edits if shown is None else shown
    return actions.save_draft(draft.pk, design, note=note, shown=shown, by=by)


# ---- drafts ----------------------------------------------------------------------------------------------------------


def test_a_copy_is_a_draft_with_the_same_tree_and_the_next_number(draft, store_a, by):
    published = version_of("CSI_SHORT", store_a)
    assert design_of(draft) == design_of(published)
    assert (draft.number, draft.state, draft.based_on, draft.created_by) == (2, State.DRAFT, published, by)
    third = actions.copy_version(draft, to=draft.questionnaire, by=by, at=NOON)
    assert (third.number, third.based_on) == (3, published)  # never based on what may be thrown away


def test_what_is_saved_is_what_is_read(draft, by):
    design = design_of(draft)
    first, *others = design.items
    moved = (*others, replace(first, label_zh=" 车间整洁 ", attribution="department", is_required=True))
    save(draft, replace(design, items=moved, scale="five"), by, note="  五分制试行  ")
    kept = reread(draft)
    assert design_of(kept) == replace(design, scale="five", items=(*others, replace(moved[-1], label_zh="车间整洁")))
    assert (kept.note, kept.edits) == ("五分制试行", 1)


def test_the_second_of_two_people_is_told_and_nothing_of_the_firsts_is_lost(draft, by, manager_a):
    design, shown = design_of(draft), draft.edits
    mine = weighing(design, environment=11)
    save(draft, mine, by, shown=shown)
    with pytest.raises(RuleBroken) as refused:
        save(draft, weighing(design, environment=12), manager_a.employee, shown=shown)
    assert refused.value.code == "stale"
    assert design_of(reread(draft)) == mine


def test_only_a_draft_is_edited_or_thrown_away(store_a, by):
    published = version_of("CSI", store_a)
    for change in (
        lambda: save(published, design_of(published), by),
        lambda: actions.delete_draft(published.pk, by=by),
    ):
        with pytest.raises(RuleBroken) as refused:
            change()
        assert refused.value.code == "not_draft"


def test_a_draft_that_cannot_be_kept_is_refused_with_its_row(draft, by):
    design = design_of(draft)
    broken = replace(design, items=(replace(design.items[0], code="X"), *design.items[1:]))
    with pytest.raises(RuleBroken) as refused:
        save(draft, broken, by)
    assert (refused.value.code, refused.value.field) == ("code", "items-0")
    assert design_of(reread(draft)) == design


def test_a_draft_thrown_away_leaves_the_questionnaire_as_it_was(draft, by, store_a):
    actions.delete_draft(draft.pk, by=by)
    assert [one.number for one in version_of("CSI_SHORT", store_a).questionnaire.versions.all()] == [1]


def test_a_questionnaire_that_was_only_a_draft_goes_with_it(store_a, by):
    named = actions.trees.questionnaires.Named(store_a.pk, "CSI_EV", "service", "新能源", "Electric cars")
    version = actions.create_questionnaire(named, by=by, at=NOON)
    assert (version.number, version.state) == (1, State.DRAFT)
    actions.delete_draft(version.pk, by=by)
    assert not Questionnaire.objects.filter(code="CSI_EV").exists()


@pytest.mark.parametrize(("code", "why"), [("csi", "code"), ("C", "code"), ("C SI", "code"), ("CSI", "taken")])
def test_a_code_is_well_formed_and_its_own(by, code, why):
    named = actions.trees.questionnaires.Named(None, code, "service", "某", "Some")
    with pytest.raises(RuleBroken) as refused:
        actions.create_questionnaire(named, by=by, at=NOON)
    assert (refused.value.code, refused.value.field) == (why, "code")


@pytest.mark.parametrize("kind", ["service", "unscored"])
def test_a_store_gives_a_code_of_the_company_no_other_kind(store_a, by, kind):
    named = actions.trees.questionnaires.Named(store_a.pk, "SSI", kind, "售后", "Service")
    with translation.override("en"), pytest.raises(RuleBroken, match="Sales satisfaction") as refused:
        actions.create_questionnaire(named, by=by, at=NOON)
    assert (refused.value.code, refused.value.field) == ("kind", "code")
    assert actions.create_questionnaire(replace(named, kind="sales"), by=by, at=NOON).number == 1


def test_the_company_gives_a_code_of_a_store_no_other_kind(store_a, by):
    named = actions.trees.questionnaires.Named(store_a.pk, "CSI_EV", "service", "新能源", "Electric cars")
    actions.create_questionnaire(named, by=by, at=NOON)
    with pytest.raises(RuleBroken) as refused:
        actions.create_questionnaire(replace(named, store_id=None, kind="sales"), by=by, at=NOON)
    assert refused.value.code == "kind"


def test_a_draft_of_another_kind_from_before_is_not_published(store_a, by):
    draft = own_tree(store_a, "SSI", publish=False)
    Questionnaire.objects.filter(pk=draft.questionnaire_id).update(kind="service")
    with pytest.raises(RuleBroken) as refused:
        actions.publish_version(draft.pk, by=by, at=NOON)
    assert refused.value.code == "kind"


def test_a_code_taken_a_moment_earlier_is_said_as_one(store_a, by, monkeypatch):
    named = actions.trees.questionnaires.Named(store_a.pk, "CSI_EV", "service", "新能源", "Electric cars")
    actions.create_questionnaire(named, by=by, at=NOON)
    unseen = Questionnaire.objects.none()  # as it is until the other has committed
    monkeypatch.setattr("satisfaction.actions.trees.questionnaires._of", lambda store_id: unseen)
    with pytest.raises(RuleBroken) as refused:
        actions.create_questionnaire(named, by=by, at=NOON)
    assert (refused.value.code, refused.value.field) == ("taken", "code")


# ---- publishing and retiring -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ({"environment": "9.5"}, ["99.5", "0.5"]),
        ({"environment": "10.01"}, ["100.01", "0.01"]),
    ],
)
def test_a_sum_that_is_not_100_is_refused_and_told_by_how_much(draft, by, weights, told):
    save(draft, weighing(design_of(draft), **weights), by)
    with pytest.raises(RuleBroken) as refused:
        actions.publish_version(draft.pk, by=by, at=NOON)
    assert refused.value.code == "weights"
    assert all(number in refused.value.message for number in told)
    assert reread(draft).state == State.DRAFT


def test_a_factor_whose_items_do_not_sum_up_is_named(draft, by):
    design = design_of(draft)
    items = (replace(design.items[0], weight=design.items[0].weight - D("0.25")), *design.items[1:])
    save(draft, replace(design, items=items), by)
    with translation.override("zh-hans"), pytest.raises(RuleBroken, match=r"0\.25") as refused:
        actions.publish_version(draft.pk, by=by, at=NOON)
    assert design.factors[0].label_zh in refused.value.message


def test_publishing_retires_the_version_before_and_a_changed_draft_is_looked_at_again(draft, by, store_a):
    before = version_of("CSI_SHORT", store_a)
    save(draft, weighing(design_of(draft), environment=11, process=34), by)
    with pytest.raises(RuleBroken) as refused:
        actions.publish_version(draft.pk, by=by, at=NOON, shown=0)
    assert refused.value.code == "stale"
    actions.publish_version(draft.pk, by=by, at=NOON, shown=1)
    before.refresh_from_db()
    assert (before.state, before.retired_at) == (State.RETIRED, NOON)
    now = version_of("CSI_SHORT", store_a)
    assert (now.pk, now.published_by) == (draft.pk, by)


def test_a_version_that_a_rule_asks_is_not_retired_until_another_takes_over(store_a, by):
    company = version_of("CMP_CFM", store_a)
    with pytest.raises(RuleBroken) as refused:
        actions.retire_version(company.pk, by=by, at=NOON)
    assert refused.value.code == "in_use"
    assert store_a.short_name in refused.value.message
    own = actions.own_questionnaire(company.questionnaire, store_a.pk, by=by)
    copy = actions.copy_version(company, to=own, by=by, at=NOON)
    actions.publish_version(copy.pk, by=by, at=NOON)
    actions.retire_version(copy.pk, by=by, at=NOON)  # the company's takes over
    assert version_of("CMP_CFM", store_a) == company
    RuleVersion.objects.update(is_on=False)
    actions.retire_version(company.pk, by=by, at=NOON)
    assert QuestionnaireVersion.objects.get(pk=company.pk).state == State.RETIRED


def test_the_long_form_that_a_rule_draws_by_chance_is_in_use(store_a, by):
    with pytest.raises(RuleBroken) as refused:
        actions.retire_version(version_of("CSI", store_a).pk, by=by, at=NOON)
    assert refused.value.code == "in_use"


def test_a_stores_own_tree_replaces_the_companys_there_only(store_a, store_b, by):
    company = version_of("CSI", store_a)
    own = actions.own_questionnaire(company.questionnaire, store_a.pk, by=by)
    assert actions.own_questionnaire(company.questionnaire, store_a.pk, by=by) == own
    copy = actions.copy_version(company, to=own, by=by, at=NOON)
    actions.publish_version(copy.pk, by=by, at=NOON)
    assert version_of("CSI", store_a) == copy
    assert version_of("CSI", store_b) == company
    assert reread(company).state == State.PUBLISHED


def test_the_short_form_of_a_version_is_a_draft_of_its_short_questionnaire(store_a, by):
    short = reread(actions.shorten_version(version_of("CSI", store_a), by=by, at=NOON))
    assert (short.questionnaire.code, short.number) == ("CSI_SHORT", 2)
    assert sorted(one.weight for one in design_of(short).items if one.factor) == [10, 15, 15, 25, 35]
    sales = reread(actions.shorten_version(version_of("SSI", store_a), by=by, at=NOON))
    assert (sales.questionnaire.code, sales.questionnaire.short_of.code) == ("SSI_SHORT", "SSI")
    with pytest.raises(RuleBroken) as refused:
        actions.shorten_version(version_of("CSI_SHORT", store_a), by=by, at=NOON)
    assert refused.value.code == "short"


@pytest.mark.parametrize("codes", [("CSI", "CSI_SHORT"), ("CSI_SHORT", "CSI")])
def test_a_stores_own_short_form_is_that_of_its_own_long_one(store_a, by, codes):
    for code in codes:
        actions.own_questionnaire(version_of(code, store_a).questionnaire, store_a.pk, by=by)
    long_form, short = (Questionnaire.objects.get(store=store_a, code=code) for code in ("CSI", "CSI_SHORT"))
    assert short.short_of == long_form


def test_every_change_is_in_the_trail(draft, by, store_a):
    save(draft, weighing(design_of(draft), environment=11, process=34), by)
    actions.publish_version(draft.pk, by=by, at=NOON)
    another = actions.copy_version(draft, to=draft.questionnaire, by=by, at=NOON)
    actions.delete_draft(another.pk, by=by)
    told = Entry.objects.filter(action__startswith="questionnaire.").order_by("pk").values_list("action", flat=True)
    assert list(told) == [
        "questionnaire.drafted", "questionnaire.edited", "questionnaire.published", "questionnaire.drafted",
        "questionnaire.discarded",
    ]  # fmt: skip
    assert Entry.objects.get(action="questionnaire.edited").detail["changed"] == 4


# ---- what must not move ----------------------------------------------------------------------------------------------


def test_a_weight_changed_and_published_leaves_last_month_byte_identical(
    draft, by, store_a, manager_a, as_, monkeypatch
):
    today = DAY + timedelta(days=30)
    monkeypatch.setattr(clock, "today", lambda: today)
    monkeypatch.setattr(clock, "now", lambda: clock.at(today, 12))
    for mark in (5, 7, 8, 9, 10):
        respond(store_a, day=DAY, answers=short_answers(mark, reception=10))
    client = as_(manager_a)
    pages = [
        f"{reverse(name)}?month={DAY:%Y-%m}&kind=service"
        for name in ("satisfaction:dashboard", "satisfaction:heat", "satisfaction:responses")
    ]
    before = [plain(client.get(page)) for page in pages]
    scores = list(Response.objects.order_by("pk").values_list("score", "answered_weight", "is_valid"))
    save(draft, weighing(design_of(draft), environment=35, process=10), by)
    actions.publish_version(draft.pk, by=by, at=NOON)
    assert [plain(client.get(page)) for page in pages] == before
    assert list(Response.objects.order_by("pk").values_list("score", "answered_weight", "is_valid")) == scores


def plain(answer) -> str:
    """A page without what differs from request to request."""
    assert answer.status_code == 200
    page = answer.content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value="|nonce="|X-CSRFToken\W+)[\w-]+', "", page)


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_published_at_once_the_later_one_is_asked(reference, admin_a):
    asked = version_of("CSI_SHORT", admin_a.store)
    drafts = [actions.copy_version(asked, to=asked.questionnaire, by=admin_a.employee, at=NOON) for _each in range(2)]
    ready = Barrier(2)

    def publish(one) -> None:
        ready.wait()
        try:
            actions.publish_version(one.pk, by=admin_a.employee, at=NOON, shown=0)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(publish, drafts))
    states = asked.questionnaire.versions.values_list("state", flat=True)
    assert sorted(states) == [State.PUBLISHED, State.RETIRED, State.RETIRED]
