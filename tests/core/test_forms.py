"""Form pieces: one submission, what the user changed, and fields that read what people type."""

from datetime import date

import pytest
from django import forms
from django.contrib.auth.models import Group

from crm_site.core import forms as core_forms
from crm_site.core.errors import RuleBroken


class Card(core_forms.SubmissionMixin, core_forms.VersionedMixin):
    """A form with every kind of field."""

    name = core_forms.NameField(required=False)
    phone = core_forms.PhoneField(required=False)
    vin = core_forms.VinField(required=False)
    plate = core_forms.PlateField(required=False)
    born = core_forms.DateField(required=False, today=lambda: date(2026, 1, 5))
    consent = forms.BooleanField(required=False)


SHOWN = {"name": "张三", "phone": "13800138000", "born": date(1990, 5, 1), "consent": True}


def posted(**changes):
    """What a browser sends for the rendered form with some fields changed."""
    form = Card(version=3, initial=SHOWN)
    data = {name: form[name].value() for name in ("submission", "version", "shown")}
    data |= {"name": "张三", "phone": "13800138000", "vin": "", "plate": "", "born": "1990-05-01", "consent": "on"}
    return Card(data | changes)


def test_each_rendering_has_its_own_submission():
    assert Card(version=1)["submission"].value() != Card(version=1)["submission"].value()


def test_the_submission_survives_an_error():
    form = posted(phone="12")
    assert not form.is_valid()
    assert str(form["submission"].value()) in str(form["submission"])


def test_a_form_without_submission_is_refused():
    assert "submission" in posted(submission="").errors


def test_nothing_changed_is_nothing_to_write():
    form = posted()
    assert form.is_valid(), form.errors
    assert (form.sent_version, form.changed_by_user()) == (3, [])


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"phone": "138 0013 8000"}, []),
        ({"phone": "13900139000"}, ["phone"]),
        ({"born": "1990/5/2"}, ["born"]),
        ({"name": ""}, ["name"]),
        ({"vin": "1M8GDM9AXKP042788", "plate": "渝A·12345"}, ["vin", "plate"]),
    ],
)
def test_only_what_the_user_changed_is_named(changes, changed):
    form = posted(**changes)
    assert form.is_valid(), form.errors
    assert form.changed_by_user() == changed


def test_what_the_user_left_alone_comes_back_as_it_stands_now():
    now = Card(version=4, initial={"name": "李四", "phone": "13900139000", "born": date(1990, 5, 2), "consent": False})
    form = posted(phone="13700137000")
    assert form.is_valid(), form.errors
    again = Card(form.data_over(now))
    assert again.is_valid(), again.errors
    assert (again.sent_version, again.changed_by_user()) == (4, ["phone"])
    assert (again.cleaned_data["name"], again.cleaned_data["born"]) == ("李四", date(1990, 5, 2))
    assert again.cleaned_data["consent"] is False


def test_a_forged_seal_makes_everything_changed():
    form = posted(shown="e30:forged")
    assert form.is_valid(), form.errors
    assert set(form.changed_by_user()) >= {"name", "phone", "born"}


@pytest.mark.parametrize(
    ("field", "typed", "clean"),
    [
        ("phone", "+86 138-0013-8000", "13800138000"),
        ("vin", "1m8gdm9axkp042788", "1M8GDM9AXKP042788"),
        ("vin", "WBA71DC010CH14720", "WBA71DC010CH14720"),
        ("plate", "渝a·12345", "渝A12345"),
        ("plate", "未上牌", ""),
        ("name", "张 三(先生)", "张三"),
        ("born", "2026-11-21", date(2026, 11, 21)),
        ("born", "2026/11/21", date(2026, 11, 21)),
        ("born", "20261121", date(2026, 11, 21)),
        ("born", "11-21", date(2026, 11, 21)),
    ],
)
def test_fields_read_what_people_type(field, typed, clean):
    form = posted(**{field: typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data[field] == clean


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("phone", "12", "phone_length"),
        ("phone", "13800138000/13900139000", "phone_several"),
        ("vin", "1M8GDM9AXKPO42788", "vin_characters"),
        ("born", "2026-02-30", "date_impossible"),
        ("born", "5/3/2024", "date_ambiguous"),
    ],
)
def test_fields_say_why_they_refuse(field, typed, code):
    form = posted(**{field: typed})
    assert [error.code for error in form.errors.as_data()[field]] == [code]
    assert form[field].value() == typed, "what was typed stays"


def test_a_vin_refusal_proposes_the_repair():
    assert "1M8GDM9AXKP042788" in str(posted(vin="1M8GDM9AXKPO42788").errors["vin"])


@pytest.mark.django_db
def test_the_mixins_serve_model_forms_too():
    class GroupForm(core_forms.SubmissionMixin, core_forms.VersionedMixin, forms.ModelForm):
        class Meta:
            model = Group
            fields = ["name"]

    group = Group.objects.create(name="g")
    shown = GroupForm(instance=group, version=1)
    data = {name: shown[name].value() for name in ("submission", "version", "shown", "name")}
    assert data["name"] == "g"
    form = GroupForm(data | {"name": "h"}, instance=group)
    assert form.is_valid(), form.errors
    assert form.changed_by_user() == ["name"]


@pytest.mark.django_db
def test_a_scoped_choice_offers_nothing_by_itself():
    Group.objects.create(name="g")
    field = core_forms.ScopedChoiceField(Group)
    assert list(field.queryset) == []


def test_a_refused_action_speaks_at_its_field():
    form = posted()
    assert form.is_valid()
    core_forms.refuse(form, RuleBroken("No.", code="no", field="phone"))
    core_forms.refuse(form, RuleBroken("Not at all.", field="elsewhere"))
    assert form.errors["phone"] == ["No."]
    assert form.non_field_errors() == ["Not at all."]
