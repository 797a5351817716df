"""What `manage.py serve` says before and when it runs, in the language of the shell; nothing is started here."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from crm_site.core.management.commands import serve


@contextmanager
def taken_port() -> Iterator[int]:
    """A port on which something listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def announced(language: str, port: int) -> str:
    """What is said when the port answers."""
    out = StringIO()
    with translation.override(language):
        serve.Command(stdout=out).announce(SimpleNamespace(stop_signal=None, running={}), port)
    return out.getvalue()


def test_address_and_logins_are_announced_in_both_languages():
    with taken_port() as port:
        assert announced("en", port) == (
            f"\n  Huifang is running:  http://127.0.0.1:{port}/   (Ctrl-C stops it)\n"
            "  Demo logins:         specialist1 frontline1 head1 manager1 director1 admin1\n"
            "  Password of each:    huifang-demo\n"
        )
        assert announced("zh-hans", port) == (
            f"\n  回访系统已启动：  http://127.0.0.1:{port}/   （按 Ctrl-C 停止）\n"
            "  演示账号：        specialist1 frontline1 head1 manager1 director1 admin1\n"
            "  各账号密码：      huifang-demo\n"
        )


@pytest.mark.parametrize(
    ("shell", "words"), [("zh_CN.UTF-8", "端口 .* 无法使用"), ("C.UTF-8", "Port .* cannot be used")]
)
def test_a_taken_port_is_refused_in_the_language_of_the_shell(shell, words, monkeypatch):
    monkeypatch.setenv("LC_ALL", shell)
    with taken_port() as port, pytest.raises(CommandError, match=words):
        call_command("serve", port=port)


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "请先停止它"), ("en", "Stop it first")])
def test_a_second_one_in_the_same_folder_is_refused_in_both_languages(language, words, tmp_path):
    refused = pytest.raises(CommandError, match=words)
    with translation.override(language), serve.only_one_in(tmp_path), refused, serve.only_one_in(tmp_path):
        pass


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh-hans", "网页服务意外退出（退出码 3）"), ("en", "The web server ended by itself (exit code 3)")],
)
def test_a_part_that_ends_unasked_is_named_in_both_languages(language, words, monkeypatch):
    ended = SimpleNamespace(stop_signal=None, start=lambda _program: None, wait=lambda: (serve.WEB, 3))
    monkeypatch.setattr(serve.Command, "announce", lambda *_args: None)
    with translation.override(language):
        assert serve.Command().run(ended, 8000, 1, 1).startswith(words)
