"""T14: a worker killed at random moments of an import and its undo: the tables are as if nothing had happened."""

import os
import random
import time

import pytest

from tests.imports import afar

pytestmark = [pytest.mark.races, pytest.mark.long]


def kill_often(stack, state: str, times: int) -> list[float]:
    """Kill the worker at random moments while store B's import is in a state; gives the seconds until it went on.

    Between two kills at least one chunk comes in: a job that three times in a row does not come further is given up.
    """
    waited = []
    before = (0, 0) if state == "applying" else afar.chunks(stack, "B")
    afar.until_further(stack, "B", before, state)
    for _ in range(times):
        time.sleep(random.uniform(0, 0.5))
        stack.kill("worker")
        if state == "applying":
            afar.assert_whole(stack, "B")
        before, was_open = afar.chunks(stack, "B"), afar.is_in(stack, "B", state)
        stack.start_worker()
        if not was_open:
            break
        waited.append(afar.until_further(stack, "B", before, state))
    assert waited, "the import was through before the first kill"
    print(f"{state}: killed {len(waited)} times, went on after {max(waited):.1f} s at the most")
    return waited


def test_killed_at_random_moments_the_tables_end_as_in_an_undisturbed_run(fresh_stack, tmp_path):
    stack, kills = fresh_stack, int(os.environ.get("REPEAT") or 2)
    stack.env["JOB_LEASE_SECONDS"] = "4"
    afar.bring(stack, afar.orders(tmp_path / "o.csv", 3_000 + 1_500 * kills))
    afar.act(stack, "A", afar.CONFIRM)
    afar.until_state(stack, "A", "applied")
    afar.act(stack, "B", afar.CONFIRM)
    assert max(kill_often(stack, "applying", kills)) < afar.RESUMED
    afar.until_state(stack, "B", "applied")
    assert afar.digest(stack, "B") == afar.digest(stack, "A") != afar.EMPTY
    afar.act(stack, "B", afar.ASK_UNDO)
    afar.until_planned(stack, "B")
    afar.act(stack, "B", afar.CONFIRM_UNDO)
    assert max(kill_often(stack, "undoing", kills)) < afar.RESUMED
    afar.until_state(stack, "B", "undone")
    assert afar.digest(stack, "B") == afar.EMPTY
