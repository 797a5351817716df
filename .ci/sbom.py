"""Prints the software bill of materials (CycloneDX 1.5, JSON) of what requirements.txt pins, with every hash."""

import json
import re
import sys
from pathlib import Path

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> list[dict]:
    """One component for each pinned package, in the order of the lock."""
    found: list[dict] = []
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            name, version = pinned["name"].lower(), pinned["version"]
            purl = f"pkg:pypi/{name}@{version}"
            found.append(
                {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": []}
            )
        if found:
            found[-1]["hashes"] += [{"alg": "SHA-256", "content": digest} for digest in HASH.findall(line)]
    return found


def bill(lock: str) -> dict:
    """The whole bill."""
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components(lock)}


if __name__ == "__main__":
    path = Path(__file__).resolve().parent.parent / "requirements.txt"
    json.dump(bill(path.read_text(encoding="utf-8")), sys.stdout, indent=1)
    sys.stdout.write("\n")
