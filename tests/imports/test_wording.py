"""Every reason has words in both languages, in a row as well as summed up for the file."""

import pytest
from django.utils import translation

from crm_site.imports import wording


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", [*wording.REASONS, "vin_length", "date_ambiguous", "of a later version"])
def test_a_reason_is_said_with_and_without_its_details(code, language):
    with translation.override(language):
        said = wording.reason({"code": code, "count": 3})
    assert said
    assert "%(" not in said
