"""The written matrix, docs/access.md: for every address and role what a GET and a POST are answered.

The page is the law and the walk is held against it. After a change that was meant, `WRITE_ACCESS=1 .venv/bin/pytest
tests/access/test_matrix.py` writes it anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

from crm_site.accounts.models import Role
from tests.access.world import TWO

ROOT = Path(__file__).resolve().parents[2]
PAGE, POLICY = ROOT / "docs" / "access.md", ROOT / "docs" / "permissions.md"
IS_WRITTEN_ANEW = bool(os.environ.get("WRITE_ACCESS"))
ROLES = [role.value for role in Role]
COLUMNS = [*ROLES, TWO]
HEAD = f"""# What every address answers

One line an address, one column a role: the answer to a GET and to an empty POST that asks for a row of the own store.
`tests/access/test_matrix.py` walks all addresses of the URL resolver and holds every answer against this page;
an address without a line fails the build. `{TWO}` is frontline in the store of the row and manager in another one.

* 200 a page · 302 done, or led elsewhere · 400 or 422 not understood, said in the form · 403 refused ·
  404 not there or out of sight · 405 the address takes no such request.
* Not signed in, disabled, or of no store any more: 302 to the sign-in page, whatever the address.
* A row of another store: 404 for every role that the address is open to there, 403 for the others.
* PUT, PATCH, DELETE, OPTIONS and TRACE: 405 everywhere.
* A POST without the token of its form, or from another origin: 403.
* Every 403 and every 404 of a row of another store is in the log of refusals; nothing else is written by it.

The roles of a capability are those of [permissions.md](permissions.md).

"""


def written() -> dict[str, dict[str, str]]:
    """{address: {column: the two answers}} as the page says, the capability under "capability"."""
    rows = _rows(PAGE.read_text()) if PAGE.exists() else []
    return {row[0]: dict(zip(["capability", *COLUMNS], row[1:], strict=True)) for row in rows}


def allowed() -> dict[str, set[str]]:
    """{capability: its roles} as docs/permissions.md says."""
    return {
        row[0]: {role for role, sign in zip(ROLES, row[1:], strict=True) if sign} for row in _rows(POLICY.read_text())
    }


def write(lines: dict[str, dict[str, str]]) -> None:
    """Write the page."""
    names = ["address", "capability", *COLUMNS]
    table = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    table += [f"| `{name}` | `{line['capability']}` | " + " | ".join(line[one] for one in COLUMNS) + " |"
              for name, line in lines.items()]  # fmt: skip
    PAGE.write_text(HEAD + "\n".join(table) + "\n")


def _rows(text: str) -> list[list[str]]:
    """The cells of the table's lines, without the head."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
