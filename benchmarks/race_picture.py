"""One picture of what a step costs: against taps, dofs, trajectories and steps, with the rivals of the last race.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.race_picture [--redraw]     # docs/images/cost.png, some minutes

Measures the step without and with fresh noise; the rivals come from benchmarks/results/race.json. The measured
numbers are kept in benchmarks/results/cost.json, from which --redraw draws again.
"""

import argparse
import json
from pathlib import Path
from time import process_time

from benchmarks.race import RESULTS
from benchmarks.race_junction import race_model
from benchmarks.race_sgle import SEED, stepping
from benchmarks.steps_per_second import chain_model
from sgle.analysis.plot_style import BLUE, DPI, GREEN, ORANGE, RED, new_figure, plain
from sgle.integrators.driver import run
from sgle.noise import noise_streams

TAPS = (100, 300, 1000, 3000, 8000)
DOFS = ((6, 3), (20, 10), (60, 30))  # of the chain, and of each of its two baths
TRAJECTORIES = (1, 4, 16, 64, 128)
STEPS = (1000, 3000, 10_000, 30_000, 100_000)
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "cost.png"


def costs(model, trajectories):
    """µs of CPU per trajectory-step: with fresh noise and without."""
    found = stepping(model, trajectories, 4096 if trajectories > 1 else 8192, 2048)
    return [1e6 / found[key]["cpu"] for key in ("fresh_noise", "no_noise")]


def along_a_run(trajectories=1):
    """µs per trajectory-step from the start of a run to each of STEPS, all that is not set-up."""
    model, done, found = race_model(), 0, []
    streams = noise_streams(model, SEED, range(trajectories))
    begin, wanted = process_time(), list(STEPS)
    for block in run(model, streams, STEPS[-1], block=250):
        done += len(block.displacement)
        if done >= wanted[0]:
            found.append(1e6 * (process_time() - begin) / done / trajectories)
            wanted = wanted[1:] or [float("inf")]
    return found


def measure():
    """Costs of all four panels."""
    return {
        "taps": [costs(race_model(taps), 64) for taps in TAPS],
        "dofs": [costs(chain_model(size, support, 1000), 64) for size, support in DOFS],
        "trajectories": [costs(race_model(), trajectories) for trajectories in TRAJECTORIES],
        "steps": along_a_run(),
    }


def rivals(path=RESULTS / "race.json"):
    """µs per trajectory-step of each rival in the last race: {name: (cost alone, cost of 64 at once or None)}."""
    raw = json.loads(path.read_text()) if path.exists() else {}
    found = {}
    if "fresh" in raw.get("sclmd", {}):
        found["sclmd"] = (1e6 / raw["sclmd"]["fresh"], None)
    for name, part in (("LAMMPS gle", raw.get("lammps", {}).get("gle3")), ("ASE", raw.get("ase"))):
        if part and "one" in part:
            found[name] = tuple(1e6 / (copies * part[key]["cpu"]) for key, copies in (("one", 1), ("many", 64)))
    return found


def lines(axes, x, pairs):
    """Cost with and without noise, labelled at the right end."""
    for values, colour, label, dash in (
        ([pair[0] for pair in pairs], BLUE, "with noise", "-"),
        ([pair[1] for pair in pairs], GREEN, "step alone", "--"),
    ):
        axes.plot(x, values, dash, marker="o", markersize=4, color=colour)
        below = label == "step alone"
        axes.annotate(label, (x[-1], values[-1]), (0, -12 if below else 7), textcoords="offset points", color=colour,
                      fontsize=8, ha="right")  # fmt: skip


def mark(axes, x, cost, label, colour, where=(7, -3)):
    """A rival's point."""
    axes.plot([x], [cost], "D", color=colour, markersize=6)
    axes.annotate(label, (x, cost), where, textcoords="offset points", color=colour, fontsize=8)


def draw(found, others):
    """Four panels with one scale of cost."""
    figure = new_figure(10.5, 6.4)
    panels = figure.subplots(2, 2, sharey=True).ravel()
    titles = ("memory: 60 dofs, 64 trajectories", "size: two baths of half the dofs, 1000 taps, 64 trajectories",
              "batch: 60 dofs, 1000 taps", "length of the run: 60 dofs, 1000 taps, 1 trajectory")  # fmt: skip
    labels = ("taps of each bath", "dofs", "trajectories at once", "steps")
    for axes, title, label in zip(panels, titles, labels, strict=True):
        plain(axes, title, label, "")
        axes.set(xscale="log", yscale="log")
        axes.grid(visible=False, which="minor")
    for axes in panels[::2]:
        axes.set_ylabel("µs per trajectory-step")
    lines(panels[0], TAPS, found["taps"])
    lines(panels[1], [size for size, _ in DOFS], found["dofs"])
    lines(panels[2], TRAJECTORIES, found["trajectories"])
    panels[3].plot(STEPS, found["steps"], "-o", markersize=4, color=BLUE)
    panels[3].annotate("with noise", (STEPS[-1], found["steps"][-1]), (0, 7), textcoords="offset points", color=BLUE,
                       fontsize=8, ha="right")  # fmt: skip
    for axes, ticks in zip(panels, (TAPS, [size for size, _ in DOFS], TRAJECTORIES, STEPS), strict=True):
        axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.minorticks_off()
    _rivals(panels, others)
    figure.suptitle("What a step costs: sgle with full matrix memory, and its rivals (one core)", x=0.01, ha="left")
    return figure


def _rivals(panels, others):
    """sclmd holds the junction of the race; LAMMPS and ASE, with scalar friction, stand beside the batches alone."""
    if "sclmd" in others:
        cost = others["sclmd"][0]
        for axes, x in zip(panels, (1000, 60, 1, 2048), strict=True):
            mark(axes, x, cost, "sclmd", RED)
    for name, colour, words, shift in (
        ("LAMMPS gle", ORANGE, "LAMMPS gle, scalar Prony", -3),
        ("ASE", "#777777", "ASE Langevin, white", -3),
    ):
        if name in others:
            for x, cost in zip((1, 64), others[name], strict=True):
                mark(panels[2], x, cost, words if x == 1 else "", colour, (7, shift))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--redraw", action="store_true", help="draw the numbers of the last time")
    parser.add_argument("--numbers", type=Path, default=RESULTS / "cost.json", help="where the numbers are kept")
    parser.add_argument("--race", type=Path, default=RESULTS / "race.json", help="the rivals' numbers")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    chosen = parser.parse_args()
    if not chosen.redraw:
        chosen.numbers.parent.mkdir(parents=True, exist_ok=True)
        chosen.numbers.write_text(json.dumps(measure()))
    found = json.loads(chosen.numbers.read_text())
    draw(found, rivals(chosen.race)).savefig(chosen.picture, dpi=DPI)


if __name__ == "__main__":
    main()
