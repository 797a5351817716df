"""A form that meets the database away keeps what was typed: the answer holds it, ready to be sent once more."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils.html import escape

from crm_site.core.web import errors

WORDS = "空调<异响>\n第二行"


def answered(request):
    """The answer to a request whose view has met the database away."""
    _read = request.POST, request.FILES  # as the check of the token has done by then
    try:
        raise OperationalError("server closed the connection")
    except OperationalError:
        return errors.failed(request)


def test_what_was_typed_can_be_sent_once_more(rf):
    answer = answered(rf.post("/complaints/new/?customer=7", {"words": WORDS, "kind": ["a", "b"]}))
    page = answer.content.decode().replace("\r\n", "\n")
    assert (answer.status_code, answer["Retry-After"]) == (503, str(errors.AWAY_SECONDS))
    assert 'action="/complaints/new/?customer=7"' in page
    assert escape(WORDS) in page
    assert page.count('name="kind"') == 2


@pytest.mark.parametrize("secret", ["password", "file", "look"])
def test_secrets_and_files_are_never_repeated(rf, secret):
    fields = {"words": "机密"} | ({"file": SimpleUploadedFile("a.csv", b"1")} if secret == "file" else {})
    request = rf.get("/", fields) if secret == "look" else rf.post("/sign-in/", fields)
    if secret == "password":
        request.sensitive_post_parameters = ("password",)
    answer = answered(request)
    assert answer.status_code == 503
    assert "机密" not in answer.content.decode()
