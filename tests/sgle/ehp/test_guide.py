"""The example of docs/guide.md runs, and gives the numbers that stand in it."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

import sgle

GUIDE = Path(sgle.__file__).parents[1] / "docs" / "guide.md"


def test_the_example_gives_its_numbers():
    text = GUIDE.read_text().split("## Electrons as boson baths")[1].split("\n`order=")[0]
    code = dedent("".join(line + "\n" for line in text.split("\n") if line.startswith("    ") or not line).strip("\n"))
    scope = {}
    exec(compile(code, "guide.md", "exec"), scope)
    flow, mode, diode = scope["flow"], scope["mode"], scope["diode"]
    found = [
        (flow.energy["e:LR"], r'flow.energy\["e:LR"\] = (\S+) out'),
        (flow.charge, r"flow.charge = (\S+) from"),
        (scope["heat"], r"another road, (\S+)"),
        (mode.number, r"mode.number = (\S+) quanta"),
        (mode.chemical_potential, r"mode.chemical_potential = (\S+) that"),
        (scope["stop"], r"up to a bias of (\S+)"),
        (scope["golden"], r"(\S+): emission wins"),
        (scope["exact"], r"2.0\)\)     # (\S+)\n    diode"),
        (diode.ratio, r"diode.ratio = (\S+) of"),
    ]
    for value, pattern in found:
        printed = re.search(pattern, text).group(1)
        assert float(printed) == pytest.approx(value, rel=6e-4), pattern
    assert flow.doubt == pytest.approx(0.11, abs=0.005)
