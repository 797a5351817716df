"""The FIGURE lines of bench/ and its runner: a figure that is misread is worse than none."""

import os
import subprocess
import sys
from decimal import Decimal

import pytest

from bench import run
from bench.figure import LINE, figure, is_missed


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (12, "12"),
        (100, "100"),
        (34.5, "34.5"),
        (0.0004, "0"),
        (1e-2, "0.01"),
        (1.2e9, "1200000000"),
        (Decimal("7.10"), "7.1"),
    ],
)
def test_a_value_is_written_without_exponent_or_padding(value, written, capsys):
    assert figure("pages-home-median", value, "ms")
    line = capsys.readouterr().out
    assert line == f"FIGURE name=pages-home-median ours={written} unit=ms better=lower\n"
    assert LINE.fullmatch(line.rstrip())


def test_a_figure_beside_another_shows_their_ratio(capsys):
    assert figure("import-apply", 9.87, "s", other=4.7, goal=3)
    assert capsys.readouterr().out == (
        "FIGURE name=import-apply ours=9.87 other=4.7 ratio=2.1 goal=3 unit=s better=lower\n"
    )


@pytest.mark.parametrize(
    ("ours", "more", "met"),
    [
        (149.9, {"goal": 150}, True),
        (150, {"goal": 150}, True),
        (150.1, {"goal": 150}, False),
        (6, {"goal": 3, "other": 2}, True),
        (6.1, {"goal": 3, "other": 2}, False),
        (9_000, {"goal": 10_000, "better": "higher"}, False),
        (10_000, {"goal": 10_000, "better": "higher"}, True),
    ],
)
def test_a_goal_bounds_the_ratio_or_the_figure_itself(ours, more, met, capsys):
    assert figure("a", ours, "ms", **more) is met
    assert is_missed(capsys.readouterr().out) is not met


@pytest.mark.parametrize(
    ("name", "unit", "more"),
    [
        ("two words", "ms", {}),
        ("", "ms", {}),
        ("pages-home", "per second", {}),
        ("pages-home", "", {}),
        ("a=b", "s", {}),
        ("a", "s", {"other": 0}),
        ("a", "s", {"better": "faster"}),
    ],
)
def test_a_figure_that_would_break_its_line_is_refused(name, unit, more):
    with pytest.raises(ValueError, match="figure|lower"):
        figure(name, 1, unit, **more)


@pytest.fixture
def measure(monkeypatch):
    """Run `body` as the only measurement, in its own process, and give the runner's exit code."""

    def with_body(body: str) -> int:
        monkeypatch.setattr(run, "measurements", lambda: ["probe"])
        popen = run.subprocess.Popen
        monkeypatch.setattr(run.subprocess, "Popen", lambda command, **kw: popen([command[0], "-c", body], **kw))
        return run.main([])

    return with_body


def test_the_runner_collects_figures_and_passes(measure, capsys):
    assert measure("from bench.figure import figure; print('noise'); figure('a.b', 1, 's', goal=2)") == 0
    assert capsys.readouterr().out.endswith("FIGURE name=a.b ours=1 goal=2 unit=s better=lower\n")


def test_a_missed_goal_fails_the_run(measure):
    assert measure("from bench.figure import figure; figure('a.b', 3, 's', goal=2)") == 1


def test_a_crash_fails_the_run_and_is_named(measure, capsys):
    assert measure("raise SystemExit(4)") == 1
    assert "FAILED: probe" in capsys.readouterr().out


def test_an_unknown_measurement_is_answered_with_the_known_ones(capsys):
    assert run.main(["no-such-thing"]) == 2
    assert "No such measurement: no-such-thing" in capsys.readouterr().out


def test_every_measurement_loads_before_there_are_settings():
    env = {name: value for name, value in os.environ.items() if name not in ("SECRET_KEY", "HUIFANG_DEMO")}
    for name in run.measurements():
        load = [sys.executable, "-c", f"import importlib; importlib.import_module('bench.{name}')"]
        found = subprocess.run(load, env=env, cwd=run.HERE.parent, capture_output=True, text=True, check=False)
        assert found.returncode == 0, (name, found.stderr[-600:])
