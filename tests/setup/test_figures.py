"""The FIGURE lines of bench/ and its runner: a figure that is misread is worse than none."""

import re
from decimal import Decimal

import pytest

from bench import run
from bench.figure import figure

LINE = re.compile(r"FIGURE [^ ]+ -?\d+(\.\d+)? [^ ]+( <= \d+(\.\d+)? (met|MISSED))?\n")


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
    assert figure("pages.home.median", value, "ms")
    line = capsys.readouterr().out
    assert line == f"FIGURE pages.home.median {written} ms\n"
    assert LINE.fullmatch(line)


@pytest.mark.parametrize(("value", "met"), [(149.9, True), (150, True), (150.1, False)])
def test_a_goal_is_met_up_to_and_including_it(value, met, capsys):
    assert figure("pages.home.median", value, "ms", at_most=150) is met
    line = capsys.readouterr().out
    assert line.endswith(" <= 150 met\n" if met else " <= 150 MISSED\n")
    assert LINE.fullmatch(line)


@pytest.mark.parametrize(
    ("name", "unit"), [("two words", "ms"), ("", "ms"), ("pages.home", "per second"), ("pages.home", "")]
)
def test_a_figure_that_would_break_its_line_is_refused(name, unit):
    with pytest.raises(ValueError, match="figure"):
        figure(name, 1, unit)


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
    assert measure("from bench.figure import figure; print('noise'); figure('a.b', 1, 's', at_most=2)") == 0
    assert capsys.readouterr().out.endswith("FIGURE a.b 1 s <= 2 met\n")


def test_a_missed_goal_fails_the_run(measure):
    assert measure("from bench.figure import figure; figure('a.b', 3, 's', at_most=2)") == 1


def test_a_crash_fails_the_run_and_is_named(measure, capsys):
    assert measure("raise SystemExit(4)") == 1
    assert "FAILED: probe" in capsys.readouterr().out


def test_an_unknown_measurement_is_answered_with_the_known_ones(capsys):
    assert run.main(["no-such-thing"]) == 2
    assert "No such measurement: no-such-thing" in capsys.readouterr().out
