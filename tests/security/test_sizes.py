"""What a request may bring: too much is refused before it is read, in plain words; what is small enough is taken."""

import ast

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm_site.core.web import door
from tests.access.routes import routes
from tests.factories import ComplaintFactory

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024


class Untouched:
    """A body that must not be read."""

    def read(self, *_args):
        raise AssertionError("the body was read")

    readline = read


def send(client, url: str, length: int, content_type: str = "multipart/form-data; boundary=x", **more):
    """A POST that says its length and whose body fails the test when somebody reads it."""
    values = {"CONTENT_LENGTH": str(length), "wsgi.input": Untouched(), **more}
    return client.generic("POST", url, b"x", content_type, **values)


@pytest.mark.parametrize(
    ("page", "megabytes"),
    [("imports:upload", 53), ("complaints:new", 203), ("accounts:theme", 3), ("customers:new", 3)],
)
def test_a_body_over_the_pages_limit_is_refused_unread(page, megabytes, as_, admin_a, manager_a):
    client = as_(admin_a if page == "imports:upload" else manager_a)
    refused = send(client, reverse(page), megabytes * MEGABYTE + 1)
    assert refused.status_code == 413
    assert f"最多接收 {megabytes} MB" in refused.content.decode()
    with pytest.raises(AssertionError, match="was read"):
        send(client, reverse(page), megabytes * MEGABYTE)


def test_a_stranger_may_bring_a_questionnaire_and_no_more():
    assert send(Client(), "/sign-in/", MEGABYTE // 4 + 1).status_code == 413
    assert send(Client(), "/imports/new/", 10 * MEGABYTE).status_code == 413


def test_an_address_that_is_no_page_reads_nothing(as_, manager_a):
    assert send(as_(manager_a), "/nowhere/", 40 * MEGABYTE).status_code == 404


def test_a_body_without_a_length_is_refused_unread(as_, manager_a):
    answer = send(as_(manager_a), reverse("accounts:theme"), 0, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 411
    assert "Content-Length" in answer.content.decode()


@pytest.mark.parametrize("length", ["-1", "1e9", "９９", "0x10", "1" * 5000, "0" * 18 + str(50 * MEGABYTE)])
def test_a_length_that_is_none_is_refused(length, as_, manager_a):
    answer = send(as_(manager_a), reverse("accounts:theme"), 0, CONTENT_LENGTH=length)
    assert answer.status_code in (400, 413)


def test_a_part_is_told_among_the_toasts(as_, manager_a):
    answer = send(as_(manager_a), reverse("customers:suggest"), 4 * MEGABYTE, HTTP_HX_REQUEST="true")
    assert answer.status_code == 413
    assert answer["HX-Retarget"] == "#toasts"


def test_too_many_fields_get_plain_words(as_, manager_a):
    fields = {f"f{number}": "1" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    answer = as_(manager_a).post(reverse("accounts:theme"), fields)
    assert answer.status_code == 413
    assert "分几次保存" in answer.content.decode()


def test_too_many_files_get_plain_words(as_, manager_a):
    ticket = ComplaintFactory(store=manager_a.store)
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)]
    answer = as_(manager_a).post(reverse("complaints:attach", args=[ticket.pk]), {"files": files})
    assert answer.status_code == 413


def test_a_long_text_is_taken_or_refused_with_words(as_, manager_a):
    for size, status in ((1, 302), (2.6, 413)):
        body = {"theme": "dark", "more": "长" * int(size * MEGABYTE / 3)}
        assert as_(manager_a).post(reverse("accounts:theme"), body).status_code == status


def test_every_page_that_takes_files_is_in_the_table():
    """The forms that are sent as multipart, and the views that look at request.FILES."""
    templates = settings.BASE_DIR / "templates"
    forms = {str(path.relative_to(templates)) for path in templates.rglob("*.html") if "multipart/" in path.read_text()}
    assert len(forms) == 5, f"a new form with files: give its page a line in door.UPLOADS ({sorted(forms)})"
    assert set(door.UPLOADS) <= {route.name for route in routes()}
    readers = {route.name for route in routes() if _reads_files(route.view)}
    assert readers <= set(door.UPLOADS)


def _reads_files(view) -> bool:
    """Whether the view itself names request.FILES."""
    import inspect

    source = inspect.getsource(inspect.unwrap(view))
    return any(isinstance(node, ast.Attribute) and node.attr == "FILES" for node in ast.walk(ast.parse(source)))
