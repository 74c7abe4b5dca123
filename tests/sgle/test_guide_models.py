"""The example of docs/guide.md about models without a junction runs, and gives the numbers that stand in it."""

from pathlib import Path
from textwrap import dedent

import pytest

import sgle

GUIDE = Path(sgle.__file__).parents[1] / "docs" / "guide.md"


def test_the_example_gives_its_numbers():
    text = GUIDE.read_text().split("## Forces, wires and jellium without a junction")[1].split("\n## ")[0]
    code = dedent("".join(line + "\n" for line in text.split("\n") if line.startswith("    ") or not line).strip("\n"))
    scope = {}
    exec(compile(code, "guide.md", "exec"), scope)
    wires, hot = scope["wires"], scope["hot"]
    told = {
        "0.0124564": wires.current,
        "hot.position = -5.978": hot.position,
        "hot.height = 1.057": hot.height,
        "0.00624": wires.power.right - wires.power.left,
        "-6.417": scope["curl"].curl[1].item(),
        "+0.02404": scope["push"].damping.item(),
    }
    for printed, value in told.items():
        assert printed in text and float(printed.split()[-1]) == pytest.approx(value, rel=2e-4), printed
    assert hot.hot and not scope["cold"].hot
