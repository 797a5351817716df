"""The designer's pages: the editor without JavaScript, two people at one draft, who may design what, effects first."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from satisfaction import actions
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version
from satisfaction.queries.designs import design_of, loaded
from tests.factories import NOON
from tests.satisfaction.surveys import respond
from tests.satisfaction.trees import own_tree


def reread(version) -> QuestionnaireVersion:
    return loaded(QuestionnaireVersion.objects.filter(pk=version.pk)).get()


def page_of(name: str, version) -> str:
    return reverse(f"satisfaction:{name}", args=[version.pk])


@pytest.fixture
def draft(store_a):
    """A draft of the store's own short CSI: five factors with an item each, two questions without weight."""
    return own_tree(store_a, publish=False)


@pytest.fixture
def client(as_, manager_a):
    return as_(manager_a)


def fields_of(page: str) -> dict[str, str]:
    """What a browser without JavaScript would send of the editor as it stands."""
    form = page[page.index('id="tree"') : page.index("</form>", page.index('id="tree"'))]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        ticked = "checked" in tag if re.search(r'type="(checkbox|radio)"', tag) else True
        if name and ticked:
            sent[name[1]] = value[1] if value else "on" if "checkbox" in tag else ""
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', options)[1]
    for name, text in re.findall(r'<textarea name="([^"]+)".*?>\s*(.*?)</textarea>', form, re.S):
        sent[name] = text
    return sent


def row_of(sent: dict[str, str], prefix: str, code: str) -> str:
    """The beginning of the names of the row with a code, such as items-3."""
    return next(name for name, value in sent.items() if name.startswith(prefix) and value == code).rsplit("-", 1)[0]


def first_of(sent: dict[str, str], prefix: str, field: str, value: str) -> str:
    """The beginning of the names of the first row with a value in a field."""
    names = (name for name, said in sent.items() if said == value)
    return next(name for name in names if name.startswith(prefix) and name.endswith(f"-{field}")).rsplit("-", 1)[0]


def edit(client, draft, **changes) -> tuple:
    """Open the editor, change fields ("items:reception:weight") and save; gives the answer and what was sent."""
    sent = fields_of(client.get(page_of("tree_edit", draft)).content.decode())
    for key, value in changes.items():
        *row, name = key.split(":")
        sent[f"{row_of(sent, *row)}-{name}" if row else name] = value
    return client.post(page_of("tree_edit", draft), sent), sent


# ---- the editor ------------------------------------------------------------------------------------------------------


def test_saving_what_was_shown_changes_nothing(client, draft):
    before = design_of(reread(draft))
    answer, _sent = edit(client, draft)
    assert answer.status_code == 302
    assert design_of(reread(draft)) == before
    assert reread(draft).edits == 1


def test_weights_words_scale_and_note_are_kept(client, draft):
    changes = {
        "items:reception:weight": "30.5",
        "items:reception:label_zh": "接待与态度",
        "items:reception:attribution": "department",
        "items:reception:is_required": "on",
        "items:overall:kind": "words",
        "items:overall:label_en": "Overall, in words",
        "factors:process:weight": "30.5",
    }
    sent = fields_of(client.get(page_of("tree_edit", draft)).content.decode())
    for key, value in changes.items():
        prefix, code, name = key.split(":")
        sent[f"{row_of(sent, prefix, code)}-{name}"] = value
    sent |= {"scale": "five", "note": "五分制", "words-1-points": "75"}
    assert client.post(page_of("tree_edit", draft), sent).status_code == 302
    saved = reread(draft)
    kept = {one.code: one for one in design_of(saved).items}
    assert (saved.scale, saved.note, saved.words[1]["points"]) == ("five", "五分制", "75")
    assert (str(kept["reception"].weight), kept["reception"].label_zh) == ("30.50", "接待与态度")
    assert (kept["reception"].attribution, kept["reception"].is_required) == ("department", True)
    assert kept["overall"].kind == "words"


def test_a_question_and_a_factor_are_added_from_the_empty_rows(client, draft):
    sent = fields_of(client.get(page_of("tree_edit", draft)).content.decode())
    new = first_of(sent, "factors", "label_zh", "")
    spare = first_of(sent, "items", "factor", new.rsplit("-", 1)[1])
    sent |= {
        f"{new}-label_zh": "新能源",
        f"{new}-label_en": "Electric cars",
        f"{new}-weight": "20",
        f"{new}-place": "1",
    }
    sent |= {f"{spare}-label_zh": "充电便利", f"{spare}-label_en": "Easy charging", f"{spare}-weight": "20"}
    assert client.post(page_of("tree_edit", draft), sent).status_code == 302
    design = design_of(reread(draft))
    assert (design.factors[0].code, len(design.factors)) == ("electric_cars", 6)
    assert [(one.code, one.factor) for one in design.items][0] == ("easy_charging", "electric_cars")


def test_what_is_ticked_is_taken_out_a_factor_with_its_questions(client, draft):
    answer, _sent = edit(client, draft, **{"factors:environment:drop": "on", "items:come_again:drop": "on"})
    assert answer.status_code == 302
    codes = {one.code for one in design_of(reread(draft)).items}
    assert codes == {"reception", "fixed_first_time", "charges_transparent", "on_time", "overall"}


def test_a_question_moves_to_another_factor_and_up(client, draft):
    sent = fields_of(client.get(page_of("tree_edit", draft)).content.decode())
    quality = row_of(sent, "factors", "quality").rsplit("-", 1)[1]
    moved = row_of(sent, "items", "reception")
    sent |= {
        f"{moved}-factor": quality,
        f"{moved}-place": "1",
        f"{row_of(sent, 'items', 'fixed_first_time')}-place": "2",
    }
    assert client.post(page_of("tree_edit", draft), sent).status_code == 302
    assert [one.code for one in design_of(reread(draft)).within("quality")] == ["reception", "fixed_first_time"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("items:reception:weight", "viel", "数字"),
        ("items:reception:weight", "7.123", "2 "),
        ("items:reception:code", "Empfang", "小写"),
        ("items:reception:code", "on_time", "两行"),
        ("items:reception:label_en", "", "英文"),
        ("items:reception:kind", "nps", "计权重"),
        ("items:overall:weight", "5", "权重留空"),
        ("factors:process:weight", "0", "大于 0"),
        ("items:come_again:kind", "overall", "只能有一题"),
    ],
)
def test_what_is_wrong_is_said_at_its_row_and_nothing_typed_is_lost(client, draft, field, value, said):
    before = design_of(reread(draft))
    answer, _sent = edit(client, draft, **{field: value, "factors:quality:label_zh": "改过的名字"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert "改过的名字" in page
    assert not value or f'value="{value}"' in page
    assert design_of(reread(draft)) == before


def test_the_second_of_two_people_sees_what_differs_and_can_save_knowing_it(client, draft, admin_a, as_):
    mine = fields_of(client.get(page_of("tree_edit", draft)).content.decode())
    edit(as_(admin_a), draft, **{"items:reception:label_zh": "她写的"})
    mine[f"{row_of(mine, 'items', 'on_time')}-label_zh"] = "我写的"
    refused = client.post(page_of("tree_edit", draft), mine)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "她写的" in page
    assert "我写的" in page
    assert next(one for one in design_of(reread(draft)).items if one.code == "on_time").label_zh != "我写的"
    assert client.post(page_of("tree_edit", draft), fields_of(page)).status_code == 302
    assert next(one for one in design_of(reread(draft)).items if one.code == "on_time").label_zh == "我写的"


def test_a_published_version_has_no_editor(client, store_a):
    version = own_tree(store_a)
    answer = client.get(page_of("tree_edit", version))
    assert (answer.status_code, answer.url) == (302, page_of("tree", version))


# ---- who may design what ---------------------------------------------------------------------------------------------

CHANGING = ["tree_edit", "tree_publish", "tree_end", "tree_shorten"]


@pytest.mark.parametrize("name", CHANGING)
def test_the_companys_tree_is_the_administrators(manager_a, admin_a, as_, store_a, name):
    company = current_version("CSI", store_a.pk)
    copy = actions.copy_version(reread(company), to=company.questionnaire, by=admin_a.employee, at=NOON)
    send = "post" if name == "tree_shorten" else "get"
    assert getattr(as_(manager_a), send)(page_of(name, copy)).status_code == 403
    assert getattr(as_(admin_a), send)(page_of(name, copy)).status_code in (200, 302)


def test_a_manager_copies_the_companys_tree_for_the_own_store_only(manager_a, as_, store_a, store_b):
    company, client = current_version("CSI", store_a.pk), as_(manager_a)
    assert client.post(page_of("tree_copy", company)).status_code == 403
    assert client.post(page_of("tree_copy", company), {"store": store_b.pk}).url == page_of("tree", company)
    assert not QuestionnaireVersion.objects.filter(state="draft").exists()
    answer = client.post(page_of("tree_copy", company), {"store": store_a.pk})
    own = QuestionnaireVersion.objects.get(state="draft")
    assert (answer.url, own.questionnaire.store, own.based_on) == (page_of("tree_edit", own), store_a, company)


def test_a_manager_makes_a_questionnaire_for_the_own_store_only(manager_a, as_, store_a, store_b):
    named = {"code": "csi_ev", "label_zh": "新能源", "label_en": "Electric", "kind": "service"}
    client = as_(manager_a)
    for store in ("", store_b.pk):
        assert client.post(reverse("satisfaction:tree_new"), named | {"store": store}).status_code == 422
    assert client.post(reverse("satisfaction:tree_new"), named | {"store": store_a.pk}).status_code == 302
    assert Questionnaire.objects.get(code="CSI_EV").store == store_a


def test_the_list_offers_no_button_to_who_may_not(head_a, as_):
    assert as_(head_a).get(reverse("satisfaction:trees")).status_code == 403


# ---- effects first ---------------------------------------------------------------------------------------------------


def test_publishing_shows_the_effect_and_what_differs(client, store_a, draft):
    published = own_tree(store_a)
    respond(store_a)
    weights = {
        "items:reception": "30",
        "factors:process": "30",
        "items:fixed_first_time": "30",
        "factors:quality": "30",
    }
    edit(client, draft, **{f"{row}:weight": weight for row, weight in weights.items()})
    page = client.get(page_of("tree_publish", draft)).content.decode()
    assert f"第 {published.number} 版停用" in page
    assert "1 份样本" in page
    assert "4 处不同" in page
    assert "disabled" not in page[page.index("hf-foot") :]
    answer = client.post(page_of("tree_publish", draft), {"edits": reread(draft).edits})
    assert answer.url == page_of("tree", draft)
    assert current_version("CSI_SHORT", store_a.pk) == draft


def test_a_tree_that_does_not_sum_up_cannot_be_published_from_the_page(client, draft, store_a):
    edit(client, draft, **{"items:reception:weight": "31.5"})
    page = client.get(page_of("tree_publish", draft)).content.decode()
    assert "还差 3.5" in page
    assert "disabled" in page[page.index("hf-foot") :]
    client.post(page_of("tree_publish", draft), {"edits": reread(draft).edits})
    assert reread(draft).state == "draft"


@pytest.mark.parametrize("edits", ["", "0", "x", "9" * 30])
def test_only_what_was_looked_at_is_published(client, draft, edits):
    edit(client, draft)
    client.post(page_of("tree_publish", draft), {"edits": edits})
    assert reread(draft).state == "draft"


def test_a_draft_is_thrown_away_after_the_page_that_says_so(client, draft):
    assert "第 1 版" in client.get(page_of("tree_end", draft)).content.decode()
    assert client.post(page_of("tree_end", draft)).url == reverse("satisfaction:trees")
    assert not QuestionnaireVersion.objects.filter(pk=draft.pk).exists()


def test_retiring_a_stores_own_says_that_the_companys_takes_over(client, store_a):
    own = own_tree(store_a)
    page = client.get(page_of("tree_end", own)).content.decode()
    assert f"{store_a.short_name} 改用公司问卷第 1 版" in page
    client.post(page_of("tree_end", own))
    assert reread(own).state == "retired"


def test_what_rules_ask_cannot_be_retired_from_the_page(admin_a, as_, store_a):
    company, client = current_version("CMP_CFM", store_a.pk), as_(admin_a)
    page = client.get(page_of("tree_end", company)).content.decode()
    assert store_a.short_name in page
    client.post(page_of("tree_end", company))
    assert reread(company).state == "published"


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_comparison_shows_weights_side_by_side_and_what_else_changed(client, draft, store_a):
    company = current_version("CSI_SHORT", store_a.pk)
    edit(client, draft, **{"items:reception:weight": "30.5", "items:on_time:label_zh": "准时交车", "scale": "five"})
    address = reverse("satisfaction:tree_compare")
    page = client.get(f"{address}?old={company.pk}&new={draft.pk}").content.decode()
    assert "−4.50" in page
    assert "准时交车" in page
    assert "五分制" in page
    assert "3 处不同" in page


@pytest.mark.parametrize(
    "query", ["", "?old=1", "?old=x&new=1", "?old=999999999&new=999999999", f"?old={'9' * 40}&new=1"]
)
def test_a_comparison_of_what_there_is_not_is_404(client, query):
    assert client.get(reverse("satisfaction:tree_compare") + query).status_code == 404


def test_a_comparison_with_another_stores_tree_is_404(client, draft, store_b):
    foreign = own_tree(store_b)
    address = reverse("satisfaction:tree_compare")
    for query in (f"?old={foreign.pk}&new={draft.pk}", f"?old={draft.pk}&new={foreign.pk}"):
        assert client.get(address + query).status_code == 404


def test_a_version_is_shown_with_its_scale_and_as_the_specialist_sees_it(client, store_a):
    page = client.get(page_of("tree", own_tree(store_a, scale="five"))).content.decode()
    assert "打分 1–5" in page
    preview = page[page.index('id="preview"') :]
    assert preview.count("<span>5</span>") == 7  # five scored items, overall and coming again on ten
    assert preview.count("<span>10</span>") == 2


@pytest.mark.parametrize("name", ["trees", "tree", "tree_edit", "tree_publish", "tree_new", "tree_import", "tree_end"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_speaks_both_languages(manager_a, as_, draft, name, language):
    arguments = [] if name in ("trees", "tree_new", "tree_import") else [draft.pk]
    page = as_(manager_a, language).get(reverse(f"satisfaction:{name}", args=arguments)).content.decode()
    assert ("问卷" in page) == (language == "zh-hans")


def test_queries_do_not_grow_with_versions_and_responses(client, store_a, admin_a):
    version = own_tree(store_a)
    pages = [reverse("satisfaction:trees"), page_of("tree", version)]
    few = [count(client, page) for page in pages]
    for _ in range(6):
        actions.copy_version(
            reread(version), to=version.questionnaire, by=admin_a.employee, at=NOON + timedelta(days=1)
        )
        respond(store_a)
    assert [count(client, page) for page in pages] == few


def count(client, page: str) -> int:
    client.get(page)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return len(queries)
