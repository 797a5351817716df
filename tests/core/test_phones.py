"""Phone numbers: what is understood, what is refused and why, how they are shown."""

import pytest

from crm_site.core import phones
from tests.core import vectors


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("13800138000", ["13800138000"]),
        ("+86 138-0013-8000", ["13800138000"]),
        ("008613800138000", ["13800138000"]),
        ("8613800138000", ["13800138000"]),
        ("0086-138-0013-8000", ["13800138000"]),
        ("１３８００１３８０００", ["13800138000"]),
        (" 138\u00a00013\u200b8000 ", ["13800138000"]),
        ("'13800138000", ["13800138000"]),
        (13800138000, ["13800138000"]),
        (13800138000.0, ["13800138000"]),
        ("13800138000.0", ["13800138000"]),
        ("1.3800138000E+10", ["13800138000"]),
        ("013800138000", ["13800138000"]),
        ("13800138000/13900139000", ["13800138000", "13900139000"]),
        ("13800138000、13800138000", ["13800138000"]),
        ("13800138000 13900139000", ["13800138000", "13900139000"]),
        ("138 0013 8000 139 0013 9000", ["13800138000", "13900139000"]),
        ("1380013800013900139000", ["13800138000", "13900139000"]),
        ("13800138000-13900139000", ["13800138000", "13900139000"]),
        ("13800138000\n023-68812345", ["13800138000", "02368812345"]),
        ("13800138000(张先生)", ["13800138000"]),
        ("手机：13800138000", ["13800138000"]),
        ("023-68812345", ["02368812345"]),
        ("（023）68812345", ["02368812345"]),
        ("010 6554 1234", ["01065541234"]),
        ("0830-2951234", ["08302951234"]),
        ("+86 23 68812345", ["02368812345"]),
        ("023-68812345-801", ["02368812345-801"]),
        ("02368812345转801", ["02368812345-801"]),
        ("400-800-8888", ["4008008888"]),
        ("68812345", ["68812345"]),
        ("+852 6123 4567", ["0085261234567"]),
        ("12345", []),
        ("无", []),
        ("-", []),
        (None, []),
        ("", []),
    ],
)
def test_numbers_of_a_cell_become_plain_digits(written, numbers):
    assert phones.normalise(written) == numbers


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("13800138000", "ok", ""),
        ("023-68812345", "ok", ""),
        ("68812345", "warning", "phone_no_area"),
        ("+85261234567", "warning", "phone_foreign"),
        ("", "refused", "empty"),
        ("1380013800", "refused", "phone_length"),
        ("138001380000", "refused", "phone_prefix"),
        ("12038389438", "refused", "phone_prefix"),
        ("1.38E+10", "refused", "phone_rounded"),
        ("稍后补", "refused", "phone_letters"),
        ("Vml2YW11cyBmZXJtZtesting123", "refused", "phone_letters"),
        ("13800138000/123", "refused", "phone_length"),
    ],
)
def test_the_verdict_names_the_reason(written, level, code):
    found = phones.verdict(written)
    assert (found.level, found.code) == (level, code)
    assert bool(str(found.message)) == bool(code)


def test_a_bad_second_number_does_not_lose_the_first():
    assert phones.verdict("13800138000/123").value == "13800138000"


@pytest.mark.parametrize(
    ("number", "masked", "grouped"),
    [
        ("13800138000", "138****8000", "138 0013 8000"),
        ("02368812345", "023****2345", "023 6881 2345"),
        ("02368812345-801", "023****2345", "023 6881 2345-801"),
        ("08302951234", "083****1234", "0830 295 1234"),
        ("037112345678", "037****5678", "0371 1234 5678"),
        ("4008008888", "400****8888", "400 800 8888"),
        ("68812345", "****45", "68812345"),
        ("", "", ""),
    ],
)
def test_numbers_are_masked_and_grouped(number, masked, grouped):
    assert (phones.mask(number), phones.grouped(number)) == (masked, grouped)


#: The outside list keeps these open "for the future"; nobody can have such a number yet.
RESERVED = ("92", "98")
#: The outside list asks for bare numbers; a customer archive accepts a prefix, dashes and landlines.
ONLY_DECORATED = {"013838389438", "+86-13838389438", "0086-13811211114", "0086-138-1121-1114", "010-38238383"}


def test_outside_vectors_of_mobiles_are_judged_alike():
    wrong = []
    for written, expected in vectors.table("phone-plate-vectors/cn_mobile.tsv"):
        bare = written.removeprefix("+86").removeprefix("0086")
        if bare.startswith(RESERVED) or written in ONLY_DECORATED:
            continue
        if bool(phones.normalise(written)) != (expected == "valid"):
            wrong.append(written)
    assert wrong == []
