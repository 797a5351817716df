"""Drawing a thousand different pictures takes no more memory than drawing a few; REPEAT draws the whole thousand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core import drawings

ROOT = Path(__file__).resolve().parents[2]
WARM, USUAL, WHOLE = 40, 70, 1000
#: what may come to stay after the first pictures: the glyphs of names seen later, not a figure each
MOST_KIB = 6 * 1024
CODE = """
import sys, warnings
warnings.simplefilter("error")
from tests.core import drawings
warm, count = int(sys.argv[1]), int(sys.argv[2])
for number in range(warm):
    drawings.draw(number)
before = drawings.resident_kib()
for number in range(warm, count):
    drawings.draw(number)
print(before, drawings.resident_kib())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what a process holds")
def test_a_thousand_pictures_leave_no_memory_behind():
    count = WHOLE if int(os.environ.get("REPEAT") or 1) > 1 else USUAL
    told = subprocess.run(
        [sys.executable, "-c", CODE, str(WARM), str(count)], check=True, cwd=ROOT, capture_output=True, text=True
    )
    before, after = map(int, told.stdout.split())
    assert after - before <= MOST_KIB, f"{count - WARM} pictures left {after - before} KiB"


def test_no_two_of_these_pictures_are_alike():
    assert len({drawings.draw(number) for number in range(12)}) == 12
