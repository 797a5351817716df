"""Which passwords are refused: short ones, common ones, those of habit, and those about oneself."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(specialist_a):
    specialist_a.store.brand = "远岚"
    specialist_a.store.save(update_fields=["brand"])
    specialist_a.user.username = "chensiyu"
    return specialist_a.user


@pytest.mark.parametrize(
    "weak",
    [
        "short", "123456789", "1234567890", "password123", "woaini1314", "WoAiNi5201314", "a123456789", "a1234567890",
        "qq123456789", "abc123456789", "zhang19880808", "5201314520", "88888888888", "1qaz2wsx3edc", "woaini@1314!",
        "huifang2026", "admin888888", "12345678901", "qwertyuiop123", "20260101001",
    ],
)  # fmt: skip
def test_what_everybody_uses_is_refused(user, weak):
    with pytest.raises(ValidationError):
        validate_password(weak, user)


@pytest.mark.parametrize(
    "own", ["chensiyu2026", "陈思雨20260101", "chensiyu@crm", "渝北一店888", "yubeiyidian1", "yuanlan2026"]
)
def test_what_names_the_user_or_the_store_is_refused(user, own):
    with pytest.raises(ValidationError):
        validate_password(own, user)


@pytest.mark.parametrize(
    "good", ["kx7-vvm2-qpl9", "窗台上的薄荷要浇水了", "amber-lantern-kite", "huifang-demo", "Tulpe#Regen#41"]
)
def test_words_that_do_not_belong_together_are_taken(user, good):
    validate_password(good, user)


def test_what_is_wrong_with_a_password_is_said_in_chinese_at_its_first_field(as_, specialist_a):
    sent = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    errors = as_(specialist_a).post("/password/", sent).context["form"].errors
    assert set(errors) == {"new_password1"}
    said = errors["new_password1"]
    assert "密码太短，至少要 10 个字符。" in said
    assert not [line for line in said if re.search("[A-Za-z]{4}", line)]
