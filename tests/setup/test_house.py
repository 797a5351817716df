"""The furniture of the repository says the same thing everywhere: locks, layers, targets."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYERS = PROJECT["tool"]["importlinter"]["contracts"][0]["layers"]


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9-]+", line).group().lower() for line in requirements}


def locked(lock: str) -> dict[str, str]:
    """Package -> its entry in a lock file."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    return {entry.partition("==")[0]: entry for entry in entries if "==" in entry}


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_a_hash_and_no_lock_names_a_host(lock):
    entries = locked(lock)
    assert len(entries) > 20
    assert [name for name, entry in entries.items() if "--hash=sha256:" not in entry] == []
    assert "://" not in (ROOT / lock).read_text()


def test_the_locks_hold_what_the_project_names():
    direct = names(PROJECT["project"]["dependencies"])
    tools = names(PROJECT["project"]["optional-dependencies"]["dev"])
    assert direct - locked("requirements.txt").keys() == set()
    assert (direct | tools) - locked("requirements-dev.txt").keys() == set()


def test_both_locks_hold_the_same_versions():
    def version(entry: str) -> str:
        return entry.split(maxsplit=1)[0]

    run, dev = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {name: version(dev[name]) for name in run} == {name: version(entry) for name, entry in run.items()}


def test_every_room_has_its_place_in_the_order_of_imports():
    ordered = {part.strip(" ()") for layer in LAYERS for part in layer.split("|")}
    own = {app for app in settings.INSTALLED_APPS if (ROOT / app.replace(".", "/")).is_dir()}
    assert own - ordered == set()
    assert {room.partition(".")[0] for room in ordered} == set(PROJECT["tool"]["importlinter"]["root_packages"])


def test_make_alone_lists_every_target():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE).group(1).split()
    assert [target for target in phony if f"make {target} " not in listed] == []
