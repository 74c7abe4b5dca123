"""Answer of `[nanowire_junction]`: the levels of a junction between two wires that their electrons heat (003).

In eV, K, V, nm, nA and nW; the wires are those of `[nanowire]`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import expit

from sgle.analysis.landauer_plots import ALONG
from sgle.analysis.plot_style import new_figure, plain
from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire import table_of
from sgle.analysis.studies.nanowire_heating import RATIO, heat_axis
from sgle.analysis.studies.nanowire_rows import doubts, solved
from sgle.analysis.studies.text import aligned, as_csv
from sgle.ehp.levels import levels
from sgle.errors import InputError, PhysicsError
from sgle.nanowire import Scales, Solution, Transmission, of_electrons
from sgle.recipe import Recipe
from sgle.recipe.nanowire_junction import NanowireJunction
from sgle.units import BOLTZMANN, HBAR_FS

NEAREST, FARTHEST, PLACES = 1e-3, 12.0, 200  # l_F
ENERGIES = 600
HEAD = ("T [K]", "V [V]", "I [nA]", "P_L [nW]", "P_R [nW]", "P_R - P_L [nW]", "P_R - P_L, Landauer [nW]")


class Case(NamedTuple):
    """One temperature k_BT [eV] and bias [V], and the wires."""

    temperature: float
    volts: float
    solution: Solution

    @property
    def kelvin(self) -> float:
        """The temperature [K]."""
        return self.temperature / BOLTZMANN

    @property
    def where(self) -> str:
        """In words."""
        return f"{self.kelvin:g} K, {self.volts:g} V"


def answer(recipe: Recipe) -> Answer:
    """Current, heat, spots and pictures at every temperature and bias.

    RecipeError, InputError for what cannot be meant, levels of several channels among it; PhysicsError as
    sgle.nanowire.solve.
    """
    asked: NanowireJunction = table_of(recipe, "eV")
    scales = Scales(asked.chemical_potential, asked.effective_mass, asked.relaxation_time * HBAR_FS)
    scatterer = _transmission(asked)
    return _told(asked, scales, scatterer, _cases(asked, scatterer), recipe.title)


def _transmission(asked: NanowireJunction) -> Transmission:
    """T(E) of the levels, E from the bottom of the band in μ0."""
    try:
        structure = levels(asked.energies, asked.left, asked.right)
    except (InputError, PhysicsError) as error:
        raise type(error)(f"nanowire_junction: {error}", **error.numbers) from error
    return of_electrons(structure, asked.chemical_potential, asked.band_bottom, share=asked.share)


def _cases(asked: NanowireJunction, scatterer: Transmission) -> list[Case]:
    unit, cases = asked.chemical_potential, []
    for bias in asked.biases:
        for t in asked.temperatures:
            settings = {"exponent": asked.exponent, "allow_nonlinear": asked.allow_nonlinear}
            found = solved(f"{t / BOLTZMANN:g} K, {bias:g} V", scatterer, t / unit, bias=bias / unit, **settings)
            cases.append(Case(t, bias, found))
    return cases


def _told(
    asked: NanowireJunction, scales: Scales, scatterer: Transmission, cases: Sequence[Case], title: str
) -> Answer:
    numbers = [_numbers(case, scales, asked.spin) for case in cases]
    spots = [case.solution.spots(NEAREST, FARTHEST) for case in cases]
    said = ["; ".join(f"{s.position * scales.length:.4g}: {s.height:.4g}" for s in some) or "none" for some in spots]
    lines = [
        [case.kelvin, case.volts, s.position * scales.length, s.height, "hot" if s.hot else "cold"]
        for case, some in zip(cases, spots, strict=True)
        for s in some
    ]
    text = (
        f"free path l_F = {scales.length:.4g} nm, Fermi velocity {scales.velocity:.4g} m/s\n\n"
        + aligned([*HEAD, "spots x [nm]: P_ph/P_ext"], [[*n, s] for n, s in zip(numbers, said, strict=True)])
        + doubts({case.where: case.solution.nonlinearity for case in cases})
    )
    tables = {
        "junction.csv": as_csv(HEAD, numbers),
        "spots.csv": as_csv(["T [K]", "V [V]", "x [nm]", "P_ph/P_ext", "kind"], lines),
        "heating.csv": _curves(asked, scales, cases),
    }
    return Answer(text, tables, {"junction": junction_figure(asked, scales, scatterer, cases, title)})


def _numbers(case: Case, scales: Scales, spin: float) -> list[float]:
    power, found = spin * scales.heat_current, case.solution
    given = (found.power.left, found.power.right, found.power.asymmetry, found.landauer_asymmetry)
    return [case.kelvin, case.volts, spin * scales.current * found.current, *(power * value for value in given)]


def _places() -> np.ndarray:
    side = np.geomspace(NEAREST, FARTHEST, PLACES)
    return np.concatenate([-side[::-1], side])


def _curves(asked: NanowireJunction, scales: Scales, cases: Sequence[Case]) -> str:
    """Heat along the wires as CSV."""
    x = _places()
    body = []
    for case in cases:
        heat = case.solution.heating(x).total
        power, ratio = heat * scales.heating * asked.spin, heat / case.solution.external_heating
        body += [[case.kelvin, case.volts, *line] for line in zip(x * scales.length, power, ratio, strict=True)]
    return as_csv(["T [K]", "V [V]", "x [nm]", "P_ph [nW/nm]", "P_ph/P_ext"], body)


def junction_figure(
    asked: NanowireJunction, scales: Scales, scatterer: Transmission, cases: Sequence[Case], title: str
) -> Figure:
    """T(E) under the Fermi windows of the wires, and the heat along them at each bias."""
    figure = new_figure(4.6 * (1 + len(asked.biases)), 4.2)
    first, *panels = figure.subplots(1, 1 + len(asked.biases), squeeze=False)[0]
    colours = {t: ALONG(k / max(len(asked.temperatures) - 1, 1)) for k, t in enumerate(sorted(asked.temperatures))}
    _windows(first, asked, scatterer, colours)
    for axes, bias in zip(panels, asked.biases, strict=True):
        for case in (case for case in cases if case.volts == bias):
            _along(axes, case, scales, colours[case.temperature])
        heat_axis(axes)
        plain(axes, f"heat along the wires, V = {bias:g} V", "x [nm]", RATIO if axes is panels[0] else "")
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure


def _windows(axes: Axes, asked: NanowireJunction, scatterer: Transmission, colours: dict[float, Any]) -> None:
    """T(E) without bias, and -∂f/∂E in units of its maximum, both from the bottom of the band."""
    unit = asked.chemical_potential
    e = np.linspace(0, unit + 6 * max(asked.temperatures), ENERGIES)
    axes.fill_between(1e3 * e, scatterer(e / unit), color="#BBBBBB", lw=0, label="transmission T(E)")
    for t, colour in colours.items():
        window = 4 * expit((unit - e) / t) * expit((e - unit) / t)
        axes.plot(1e3 * e, window, color=colour, lw=1.4, label=f"{t / BOLTZMANN:g} K")
    plain(axes, "levels and Fermi windows", "E from the bottom of the band [meV]", "")
    axes.set_ylim(0, 1.05)


def _along(axes: Axes, case: Case, scales: Scales, colour: Any) -> None:
    x = _places()
    y = case.solution.heating(x).total / case.solution.external_heating
    for side in (x < 0, x > 0):
        axes.plot(x[side] * scales.length, y[side], color=colour)
    for s in case.solution.spots(NEAREST, FARTHEST):
        axes.plot(s.position * scales.length, s.height, "o", ms=5.5, mfc="white", mec=colour, mew=1.4, zorder=5)
