"""Number plates: clean forms, warnings, and the parts that search uses."""

import pytest

from crm_site.core import plates
from tests.core import vectors


@pytest.mark.parametrize(
    ("written", "plate", "level", "code"),
    [
        ("渝A·12345", "渝A12345", "ok", ""),
        (" 渝a 12-345 ", "渝A12345", "ok", ""),
        ("渝Ａ１２３４５", "渝A12345", "ok", ""),
        *[(f"渝A{letter}12345", f"渝A{letter}12345", "ok", "") for letter in "ABCDEFGHJK"],
        ("渝A12345F", "渝A12345F", "ok", ""),
        ("渝A1234挂", "渝A1234挂", "ok", ""),
        ("渝A1234学", "渝A1234学", "ok", ""),
        ("渝A1234警", "渝A1234警", "ok", ""),
        ("渝A1234领", "渝A1234领", "ok", ""),
        ("粤Z1234港", "粤Z1234港", "ok", ""),
        ("粤ZA234澳", "粤ZA234澳", "ok", ""),
        ("使123456", "使123456", "ok", ""),
        ("临渝A12345", "临渝A12345", "warning", "plate_temporary"),
        ("渝A12345临", "渝A12345临", "warning", "plate_temporary"),
        ("渝AI2345", "渝AI2345", "warning", "plate_form"),
        ("渝A1234", "渝A1234", "warning", "plate_form"),
        ("ABC123", "ABC123", "warning", "plate_form"),
        ("渝A12345渝B12345", "渝A12345渝B12345", "refused", "plate_form"),
        ("未上牌", "", "ok", "plate_none"),
        ("无", "", "ok", "plate_none"),
        (None, "", "ok", "plate_none"),
    ],
)
def test_a_plate_is_cleaned_and_judged(written, plate, level, code):
    found = plates.verdict(written)
    assert (plates.normalise(written), found.level, found.code) == (plate, level, code)


def test_search_finds_a_plate_without_its_province():
    assert plates.split("渝A12345") == ("渝", "A12345")
    assert plates.split("A12345") == ("", "A12345")


def test_a_plate_is_shown_as_on_the_car():
    assert plates.grouped("渝A12345") == "渝A·12345"
    assert plates.grouped("使123456") == "使123456"


def test_outside_vectors_of_plates_are_judged_alike():
    wrong = [
        written
        for written, expected in vectors.table("phone-plate-vectors/cn_plate.tsv")
        if plates.verdict(written).is_ok != (expected == "valid")
    ]
    assert wrong == []
