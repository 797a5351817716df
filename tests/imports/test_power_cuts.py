"""Web, worker, PostgreSQL and Redis killed at once amid imports: all goes on, and nothing is in by half."""

import os
import random
import time

import pytest

from tests.imports import afar

pytestmark = [pytest.mark.races, pytest.mark.long]

#: Each chunk with its batch, in the order in which they came in.
ORDER = (
    """SELECT string_agg(chunk.batch_id::text, ' ' ORDER BY chunk.id) FROM imports_appliedchunk chunk
JOIN imports_importbatch batch ON batch.id = chunk.batch_id WHERE """
    + afar.OF_STORE
)
RUNNING = "SELECT count(*) FROM jobs_job WHERE state = 'running' AND lane LIKE 'import:%'"


def start_all(stack) -> None:
    """As the machine would after a power cut: the servers first, what needs them behind."""
    stack.start_servers()
    afar.assert_whole(stack, "B")
    assert stack.look(RUNNING)[0] <= 1
    stack.start_worker()
    stack.start_web()


def test_a_power_cut_leaves_whole_chunks_and_the_imports_end_as_undisturbed(mortal_stack, tmp_path):
    stack, cuts = mortal_stack, int(os.environ.get("REPEAT") or 1)
    stack.env["JOB_LEASE_SECONDS"] = "4"
    first, second = 1_500 + 2_000 * cuts, 1_500
    afar.bring(stack, afar.orders(tmp_path / "1.csv", first), afar.orders(tmp_path / "2.csv", second, 7_000_000))
    stack.start_web()
    afar.act(stack, "A", afar.CONFIRM)
    afar.until_state(stack, "A", "applied")
    afar.act(stack, "B", afar.CONFIRM)
    waited, before = [], (0, 0)
    for _ in range(cuts):
        afar.until_further(stack, "B", before, "applying")
        time.sleep(random.uniform(0, 0.6))
        stack.kill_everything()
        began = time.monotonic()
        start_all(stack)
        before = afar.chunks(stack, "B")
        assert not afar.is_in(stack, "B", "applied"), "the imports were through before the cut"
        afar.until_further(stack, "B", before, "applying")
        waited.append(time.monotonic() - began)
    print(f"cut {cuts} times, went on after {max(waited):.1f} s at the most")
    assert max(waited) < afar.RESUMED
    afar.until_state(stack, "B", "applied")
    order = stack.look(ORDER.format(code="B"))[0].split()
    assert order == sorted(order, key=order.index), "two imports of a store were written at once"
    assert afar.digest(stack, "B") == afar.digest(stack, "A") != afar.EMPTY
