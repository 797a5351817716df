"""The template tags and filters of the house style."""

import pytest
from django.template import engines
from django.test import RequestFactory

from crm_site.core import icons


def render(source: str, **values) -> str:
    """The template text rendered with the values."""
    return engines["django"].from_string(source).render(values)


def test_an_icon_beside_a_word_is_hidden_from_the_ear():
    svg = render('{% icon "telephone" %}')
    assert svg.startswith('<svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="M')
    assert "<script" not in svg


def test_an_icon_alone_is_named_and_its_name_is_escaped():
    svg = render('{% icon "x-lg" label=word extra="hf-spin" %}', word='<b>"Close"')
    assert 'role="img" aria-label="&lt;b&gt;&quot;Close&quot;"' in svg
    assert 'class="ico hf-spin"' in svg
    assert "aria-hidden" not in svg


@pytest.mark.parametrize("name", ["", "no-such-icon", "../../settings", "telephone.svg", "Télé", "a/b"])
def test_an_unknown_icon_is_refused(name):
    with pytest.raises(icons.UnknownIcon):
        icons.render(name)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ("page=2", "/list/?store=3&state=open&state=late&page=2"),
        ("store=None", "/list/?state=open&state=late"),
        ('state=""', "/list/?store=3"),
        ("store=None state=None", "/list/"),
        ("state=kinds", "/list/?store=3&state=a&state=b"),
    ],
)
def test_an_address_with_changes_keeps_the_rest(changes, expected):
    request = RequestFactory().get("/list/?store=3&state=open&state=late")
    text = render(
        "{% autoescape off %}{% url_with request " + changes + " %}{% endautoescape %}",
        request=request,
        kinds=["a", "b"],
    )
    assert text == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [(88.6, 70, 100, "62.0%"), (60, 70, 100, "0.0%"), (120, 70, 100, "100.0%"), (None, 0, 1, "0%"), (5, 5, 5, "0%")],
)
def test_a_place_on_an_axis_is_a_per_cent_within_it(value, low, high, text):
    assert render("{% place value low high %}", value=value, low=low, high=high) == text


def test_filters_work_in_templates():
    source = (
        "{{ n|number }} {{ c|signed:1 }} {{ p|masked_phone }} {{ v|masked_vin }} {{ name|initial }} {{ box|get:key }}"
    )
    text = render(source, n=1290, c=-0.9, p="13800138000", v="LYL8E5A1XR1004217", name="何志远", box={"a": 7}, key="a")
    assert text == "1,290 −0.9 138****8000 …004217 何 7"
