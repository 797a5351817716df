"""A small installation to back up: the fixture `house`, what is done to it and to its backups."""

import io
import json
import os
import sqlite3
import tarfile
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_site.upkeep.backup import archive, making

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def entry_of(house):
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(house / "house.sqlite3")}


def made(house, **options) -> making.Made:
    return making.make(house / "kept", now=options.pop("now", NOW), entry=entry_of(house), **options)


def unpacked(path, into):
    """Take it apart; gives {name: hash}."""
    into.mkdir()
    with path.open("rb") as stream:
        return archive.unpack(stream, into, lambda _manifest: None)


def changed(house, statement, *values) -> None:
    """Do something to the house's database as somebody else would."""
    with sqlite3.connect(house / "house.sqlite3") as line:
        line.execute(statement, values)


def tampered(backup, change) -> None:
    """Write the archive anew with `change(name, content)` -> content, or None to leave a part out."""
    parts = []
    with tarfile.open(backup) as tar:
        for member in tar:
            parts.append((member.name, change(member.name, tar.extractfile(member).read())))
    with tarfile.open(backup, "w") as tar:
        for name, content in parts:
            if content is not None:
                header = tarfile.TarInfo(name)
                header.size = len(content)
                tar.addfile(header, io.BytesIO(content))


def described(**values):
    """A change of the manifest."""

    def change(name, content):
        if name != "manifest.json":
            return content
        return json.dumps(json.loads(content) | values).encode()

    return change


def refusing(number):
    """What stands for an action that the operating system refuses."""

    def act(*_args, **_more):
        raise OSError(number, os.strerror(number), "/srv/kept/huifang.tar")

    return act
