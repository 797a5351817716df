"""Numbers and addresses within free text are hidden, and no text takes long to be looked through."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_site.core import masking

#: what an e-mail address is, read plainly: an expression for short texts, for it takes the square of a word's length
PLAIN = re.compile(r"([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")


@given(st.text("ab@@.._-%王9 \n", max_size=24))
def test_every_address_is_hidden_but_for_its_first_letter_and_domain(text):
    assert masking.said(text) == PLAIN.sub(r"\1***\2", text)
    assert masking.email(text) == (PLAIN.sub(r"\1***\2", text) if PLAIN.fullmatch(text) else masking.HIDDEN)


def test_what_was_left_of_a_masked_text_comes_back_whole():
    written = "请打 13800138000 或写信给 _lucy.li@mail.example.com，车架号 LSVAM4187C2184847"
    read = masking.said(written)
    assert "lucy" not in read
    assert "13800138000" not in read
    assert masking.restored(f"{read}。已读", written) == f"{written}。已读"


@pytest.mark.parametrize(
    "piece", ["a", "1", "A1", "a.", "a-", "@", "a@", "@a.", "a@a-", "+", "LSVAA", "京A", "0-", "1 "]
)
def test_a_long_text_is_looked_through_at_once(piece):
    text = piece * (100_000 // len(piece))
    begun = time.process_time()
    masking.words(text)
    masking.restored(text[:2_000], text[:2_000])
    assert time.process_time() - begun < 2
