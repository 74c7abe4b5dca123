"""The race of issue C: sgle against its rivals and against the machine, in one run on one core.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.race [--out FOLDER] [--only PART ...]     # minutes

60 dofs between two phonon baths of 30 dofs and 1000 taps each, electrons on all dofs, quantum noise. Every part first
checks its answer, then takes medians of several repetitions. Prints a table and writes it with all raw numbers to
FOLDER/race.md and race.json. Rates are per CPU second; the wall's are in race.json. Parts that this checkout or
this machine cannot run are left out, and say why.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from benchmarks import race_bound, race_rivals, race_scale, race_sgle
from benchmarks.race_junction import race_model

RESULTS = Path(__file__).parent / "results"


def bound():
    """The machine's rates, and what a step of 64 and of 1 trajectories needs at least."""
    model = race_model()
    return {"machine": race_bound.machine()} | {str(n): race_bound.needed(model, n) for n in (64, 1)}


PARTS: dict[str, Callable[[], dict]] = {
    "bound": bound,
    "convolution": lambda: race_sgle.convolution(64),
    "one": lambda: race_sgle.convolution(1),
    "auxiliary": race_sgle.auxiliary,
    "stationary": race_sgle.stationary,
    "long": race_sgle.long_memory,
    "memory": race_scale.memory,
    "workers": race_scale.workers,
    "sclmd": race_rivals.sclmd,
    "lammps": race_rivals.lammps,
    "ase": race_rivals.ase,
}


@dataclass(frozen=True)
class Row:
    """One line of the table: what, how fast or how much, what was wanted, and how its answer was checked."""

    what: str
    value: str
    target: str = ""
    met: str = ""
    checked: str = ""

    def __str__(self):
        return f"| {self.what} | {self.value} | {self.target} | {self.met} | {self.checked} |"


def measure(names):
    """Raw numbers by part; what cannot run has the reason under "skipped"."""
    raw = {}
    for name in names:
        begin = perf_counter()
        try:
            raw[name] = PARTS[name]()
        except (ImportError, TypeError, AttributeError, OSError, RuntimeError) as error:
            raw[name] = {"skipped": f"{type(error).__name__}: {error}"[:500]}
        except AssertionError as error:
            raw[name] = {"skipped": f"wrong answer: {error}"[:500]}
        raw[name]["seconds"] = perf_counter() - begin
        said = raw[name].get("skipped", "done")
        print(f"{name}: {said} ({raw[name]['seconds']:.0f} s)", file=sys.stderr, flush=True)
    return raw


def value(raw, *path):
    """A number of the raw ones, or None where its part was left out."""
    for key in path:
        if not isinstance(raw, dict) or key not in raw:
            return None
        raw = raw[key]
    return raw


def ratio(top, bottom):
    return None if top is None or bottom is None else top / bottom


def row(what, number, style, target=None, sign=">=", checked=""):
    """A line, or None without a number. sign : how the number has to stand to the target."""
    if number is None:
        return None
    reached = target is not None and (number >= target if sign == ">=" else number <= target)
    wanted = "" if target is None else f"{'≥' if sign == '>=' else '≤'} {target:{style}}"
    return Row(what, f"{number:{style}}", wanted, "" if target is None else "yes" if reached else "no", checked)


def agreement(part):
    """How the answer of a part was checked, in words."""
    if part is None or "ledger" not in part:
        return ""
    energy = f"E off {part['energy_error']:+.2%} ± {part['energy_error_bar']:.2%}"
    return f"ledger {part['ledger']:.0e}; {energy}; 60 energies off by {part['rms_deviation']:.2f} σ rms"


def rates(raw):
    """Lines of the speeds of sgle."""
    slow = value(raw, "sclmd", "fresh")
    own = {name: value(raw, name, "fresh_noise", "cpu") for name in ("convolution", "one", "auxiliary", "stationary")}
    gle = value(raw, "lammps", "gle3", "best")
    fit = value(raw, "auxiliary", "energy_moved")
    moved = "" if fit is None else f"; fit moves E by {fit:.1e}, J by {raw['auxiliary']['current_moved']:.1e}"
    convolved, fitted, drawn = (agreement(value(raw, name)) for name in ("convolution", "auxiliary", "stationary"))
    yield row("sgle, exact convolution, 64 trajectories, fresh noise", own["convolution"], ",.0f", 1e5, ">=", convolved)
    yield row("the same without noise", value(raw, "convolution", "no_noise", "cpu"), ",.0f")
    yield row("× sclmd", ratio(own["convolution"], slow), ",.0f", 2500)
    yield row("sgle, exact convolution, 1 trajectory, fresh noise", own["one"], ",.0f", 15000, ">=", "as above")
    yield row("the same without noise", value(raw, "one", "no_noise", "cpu"), ",.0f")
    yield row("× sclmd", ratio(own["one"], slow), ",.0f", 400)
    yield row(
        "sgle, auxiliary variables, error 1e-3, 64 trajectories", own["auxiliary"], ",.0f", 2e5, ">=", fitted + moved
    )
    yield row("the same without noise", value(raw, "auxiliary", "no_noise", "cpu"), ",.0f")
    yield row("× LAMMPS fix gle, Ns = 3, scalar kernels", ratio(own["auxiliary"], gle), ".2f", 1.0)
    yield row("sgle, stationary sampler: motion", value(raw, "stationary", "motion_only", "cpu"), ",.0f", 4e5)
    yield row("sgle, stationary sampler: motion, noise, reactions", own["stationary"], ",.0f", 4e5, ">=", drawn)


def scaling(raw):
    """Lines of what grows with what, and of the bound."""
    cost = ratio(value(raw, "convolution", "fresh_noise", "cpu"), value(raw, "long", "fresh_noise", "cpu"))
    yield row("cost of 8000 taps over 1000", cost, ".2f", 1.6, "<=", "same code as above")
    quiet = ratio(value(raw, "convolution", "no_noise", "cpu"), value(raw, "long", "no_noise", "cpu"))
    yield row("the same without noise", quiet, ".2f")
    crossed = "cross-check passed" if value(raw, "memory", "ratio") else ""
    small = "peak memory of 10⁶ steps over 10⁴ (3 dofs, 2 trajectories)"
    yield row(small, value(raw, "memory", "ratio"), ".3f", 1.1, "<=", crossed)
    same = "energies equal bit for bit" if value(raw, "workers", "ratio") else ""
    yield row("2 workers over 1, by the wall", value(raw, "workers", "ratio"), ".2f", 1.8, ">=", same)
    for name, trajectories in (("convolution", 64), ("one", 1)):
        speed, least = value(raw, name, "fresh_noise", "cpu"), value(raw, "bound", str(trajectories), "total_seconds")
        share = None if speed is None or least is None else least * speed / trajectories
        target = 0.5 if trajectories > 1 else None
        parts = "products, FFTs, normals timed alone at their shapes"
        yield row(f"fraction of the machine's bound, {trajectories} trajectories", share, ".2f", target, ">=", parts)
    peak, flops = value(raw, "bound", "machine", "dgemm_gf"), value(raw, "bound", "64", "total_flops")
    speed = value(raw, "convolution", "fresh_noise", "cpu")
    if None not in (peak, flops, speed):
        yield row("GF used, of those of one large product", flops * speed / 64 / 1e9 / peak, ".2f")


def rivals(raw):
    """Lines of the rivals."""
    sclmd = raw.get("sclmd", {})
    if "fresh" in sclmd:
        energy = f"1 atom: {sclmd['kinetic_energy']:.4f} ± {sclmd['kinetic_error']:.4f} eV (0.02008)"
        off, mended = sclmd["decay_differs"], sclmd["decay_differs_mended"]
        decay = f"free decay {off:.1%} off sgle's, {mended:.0e} with B9 mended"
        yield row("sclmd 0.4.7, the same junction", sclmd["fresh"], ",.1f", checked=f"{energy}; {decay}")
    names = {"gle3": "fix gle, Ns = 3", "gle12": "fix gle, Ns = 12", "langevin": "fix langevin", "nve": "nve"}
    for key, name in names.items():
        part = value(raw, "lammps", key)
        checked = "" if part is None or key == "nve" else f"{part['temperature']:.0f} K of 300"
        for number, label in (("one", "20 atoms"), ("many", "64 × 20 atoms in one box")):
            speed = None if part is None else part[number]["cpu"] * (64 if number == "many" else 1)
            yield row(f"LAMMPS {name}, scalar, {label}", speed, ",.0f", checked=checked)
    for number, label in (("one", "20 atoms"), ("many", "64 × 20 atoms at once")):
        speed = value(raw, "ase", number, "cpu")
        speed = speed and speed * (64 if number == "many" else 1)
        checked = f"{raw['ase']['temperature']:.0f} K of 300" if speed else ""
        yield row(f"ASE Langevin, white, {label}", speed, ",.0f", checked=checked)


def derive(raw):
    """Numbers made of others: sclmd with its noise; the better of the two ways to run LAMMPS."""
    if "no_noise" in raw.get("sclmd", {}):
        part = raw["sclmd"]
        part["fresh"] = 1 / (1 / part["no_noise"]["cpu"] + part["noise_seconds"])
    for part in raw.get("lammps", {}).values():
        if isinstance(part, dict) and "one" in part:
            part["best"] = max(part["one"]["cpu"], 64 * part["many"]["cpu"])


def about():
    """Machine, date, versions."""
    model = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "")
    versions = {name: version(name) for name in ("sgle", "numpy", "scipy")}
    return {
        "machine": f"{model or platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "blas_threads": os.environ.get("OPENBLAS_NUM_THREADS", "not set"),
        "load": os.getloadavg()[0],
    } | versions


def _lines(path):
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def table(raw):
    """The markdown text."""
    facts = ", ".join(f"{key} {fact}" for key, fact in raw["about"].items())
    machine = value(raw, "bound", "machine") or {}
    speeds = ", ".join(f"{key} {number:.1f}" for key, number in machine.items())
    lines = ["| what | trajectory-steps/s, or number | target | met | answer checked |", "|---|---|---|---|---|"]
    lines += [str(line) for part in (rates, scaling, rivals) for line in part(raw) if line]
    skipped = [f"Left out: {name}: {part['skipped']}" for name, part in raw.items() if "skipped" in part]
    return "\n\n".join([facts + ".", speeds, "\n".join(lines), *skipped])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of race.md and race.json")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to run")
    chosen = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        raise SystemExit("one core: set OPENBLAS_NUM_THREADS=1")
    facts = about()
    raw = measure(chosen.only) | {"about": facts}
    derive(raw)
    text = table(raw)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "race.json").write_text(json.dumps(raw, indent=1))
    (chosen.out / "race.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
