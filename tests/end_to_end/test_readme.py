"""README and docs do what they say: the Python example runs, commands, options and keys exist, links lead somewhere."""

import re
from pathlib import Path

import pytest

import sgle
from sgle.cli.parser import make_parser
from sgle.recipe.schema import Run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_exist(page):
    places = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [place for place in places if not (page.parent / place).exists()] == []


def commands():
    """The parsers of all commands, by name."""
    (found,) = (action.choices for action in make_parser()._actions if action.choices and "run" in action.choices)
    return found


def test_commands_are_those_of_the_program():
    assert set(re.findall(r"\| `sgle (\w+)", README)) == set(commands())


def test_options_on_command_lines_exist():
    lines = [line for page in PAGES for line in re.findall(r"sgle (\w+ [^\n`#|]*)", page.read_text())]
    shown = [(line.split()[0], option) for line in lines for option in re.findall(r"--[a-z-]+", line)]
    shown = [(name, option) for name, option in shown if name in commands()]
    assert {"--workers", "--dask", "--resume", "--target-error"} <= {option for _, option in shown}
    assert [(name, option) for name, option in shown if option not in commands()[name]._option_string_actions] == []


def test_keys_of_run_are_those_of_the_schema():
    (text,) = re.findall(r"\n\*\*\[run\]\*\*(.*?)\n\*\*\[sweep\]\*\*", (ROOT / "docs" / "recipes.md").read_text(), re.S)
    told = [*re.findall(r"`(\w+)`", text.split("\n")[0]), *re.findall(r"\n\| `(\w+)`", text)]
    assert {key.removesuffix("_t") for key in told} == set(Run.model_fields)


def test_is_short():
    assert len(README.splitlines()) < 80
