"""The browser of the tests shows Chinese, and `tests/look.py` takes pictures and hears complaints."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.browser


def look(*arguments: str) -> subprocess.CompletedProcess:
    """Run tests/look.py as a developer would."""
    command = [sys.executable, "tests/look.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_two_chinese_characters_are_not_drawn_as_the_same_box(page):
    def drawn(character: str) -> bytes:
        page.set_content(f"<p lang='zh'>{character}</p>")
        return page.locator("p").screenshot()

    assert drawn("回") != drawn("访")
    assert drawn("回") == drawn("回")


def test_a_picture_of_the_sign_in_page_is_taken_without_complaint(stack, tmp_path):
    done = look("--base", stack.url, "--out", str(tmp_path), "--width", "390", "/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["anonymous-home-390-zh-hans.png"]


def test_a_page_that_is_not_there_is_a_complaint(stack, tmp_path):
    done = look("--base", stack.url, "--out", str(tmp_path), "/no-such-page/")
    assert done.returncode == 1
    assert "404" in done.stdout


def test_a_wrong_password_is_said_plainly(stack, tmp_path):
    done = look("--base", stack.url, "--out", str(tmp_path), "--as", "nobody", "/")
    assert done.returncode == 1
    assert "nobody could not sign in" in done.stderr
