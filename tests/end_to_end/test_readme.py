"""The README does what it says: its Python example runs, its commands exist, its links lead somewhere."""

import re
from pathlib import Path

import pytest

import sgle
from sgle.cli.parser import make_parser

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_python_example_agrees_with_theory(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    scope: dict = {}
    exec(compile(code, "README.md", "exec"), scope)
    result = scope["result"]
    assert result.crosscheck.passed
    assert result.crosscheck.largest_error < 0.02
    assert sgle.load("results.h5").kinetic_energy.value == pytest.approx(result.kinetic_energy.value, abs=0)
    exact = sgle.landauer.heat_currents(scope["junction"])
    assert exact["R"] == pytest.approx(5.0557389e-3, rel=1e-7)  # the number of issue A, two independent routes
    assert "cross-check passed" in capsys.readouterr().out


def test_links_and_pictures_exist():
    places = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(places) > 5
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_commands_are_those_of_the_program():
    told = set(re.findall(r"\| `sgle (\w+)", README))
    (commands,) = (action.choices for action in make_parser()._actions if action.choices and "run" in action.choices)
    assert told == set(commands)


def test_is_short():
    assert len(README.splitlines()) < 80
