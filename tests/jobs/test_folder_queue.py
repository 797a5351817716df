"""The queue in a folder: a message is taken whole or not at all, and one that cannot be read stops nobody."""

from pathlib import Path
from queue import Empty

import kombu
import pytest

from crm_site.core.broker import FolderTransport

QUEUE, MESSAGE = "celery", {"body": "核对", "headers": {"id": 1}}


@pytest.fixture
def channel(tmp_path):
    folders = {"data_folder_in": tmp_path / "in", "data_folder_out": tmp_path / "in", "control_folder": tmp_path / "c"}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    options = {name: str(folder) for name, folder in folders.items()}
    with kombu.Connection(transport=FolderTransport, transport_options=options) as connection:
        yield connection.channel()


def test_messages_come_out_as_they_were_put_in_the_oldest_first(channel):
    for number in range(3):
        channel._put(QUEUE, MESSAGE | {"number": number})
    channel._put("other", MESSAGE)
    assert channel._size(QUEUE) == 3
    assert [channel._get(QUEUE)["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get(QUEUE)


def test_a_message_is_not_taken_before_it_is_whole(channel, monkeypatch):
    whole, found = Path.replace, []

    def meanwhile(begun: Path, target: Path) -> Path:
        found.append(channel._size(QUEUE))
        with pytest.raises(Empty):
            channel._get(QUEUE)
        return whole(begun, target)

    monkeypatch.setattr(Path, "replace", meanwhile)
    channel._put(QUEUE, MESSAGE)
    assert found == [0], "nobody looked before it was whole"
    assert channel._get(QUEUE) == MESSAGE


def test_a_message_that_was_cut_off_stops_nobody(channel, tmp_path):
    (tmp_path / "in" / f"1_x.{QUEUE}.msg").write_bytes(b"")
    with pytest.raises(Empty):
        channel._get(QUEUE)
    channel._put(QUEUE, MESSAGE)
    assert channel._get(QUEUE) == MESSAGE


def test_a_folder_that_was_removed_is_made_anew(channel, tmp_path):
    (tmp_path / "in").rmdir()
    with pytest.raises(Empty):
        channel._get(QUEUE)
    (tmp_path / "in").rmdir()
    channel._put(QUEUE, MESSAGE)
    assert channel._get(QUEUE) == MESSAGE
