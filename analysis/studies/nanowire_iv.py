"""Current against the bias across the scatterer (003 Fig. 9)."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from sgle.analysis.landauer_plots import ALONG
from sgle.analysis.plot_style import new_figure, plain
from sgle.analysis.studies import Answer
from sgle.analysis.studies.nanowire_rows import HEAD, KT, Row, doubts_of, rows
from sgle.analysis.studies.text import aligned, as_csv
from sgle.nanowire import Solution
from sgle.recipe.nanowire import Nanowire


def iv(asked: Nanowire, title: str) -> Answer:
    """I, Landauer's I between ideal leads, and the whole voltage drop, of every combination."""
    found = rows(asked, _numbers)
    head, body = [*HEAD, "I", "I_Landauer", "eV_tot"], [[*row.place, *row.kept] for row in found]
    pictures = {"iv": iv_figure(asked, found, title)}
    return Answer(_told(asked, found) + doubts_of(found), {"iv.csv": as_csv(head, body)}, pictures)


def _numbers(solution: Solution) -> tuple[float, float, float]:
    return solution.current, solution.landauer_current, solution.total_voltage


def _told(asked: Nanowire, found: Sequence[Row]) -> str:
    """I by bias and temperature, a table for each transmission."""
    known = {row.place: row.kept[0] for row in found}
    parts = []
    for peak in asked.peaks:
        for width in asked.widths:
            body = [[v, *(known[peak, width, v, t] for t in asked.temperatures)] for v in asked.biases]
            head = ["eV", *(f"kT = {t:g}" for t in asked.temperatures)]
            parts.append(f"I [e μ0/h], e0 = {peak:g}, Gamma = {width:g}\n{aligned(head, body)}")
    return "\n\n".join(parts)


def iv_figure(asked: Nanowire, found: Sequence[Row], title: str) -> Figure:
    """One panel per transmission, one curve per temperature; dotted: Landauer between ideal leads."""
    shapes = [(peak, width) for peak in asked.peaks for width in asked.widths]
    figure = new_figure(5.2 * len(shapes), 4.3)
    panels = figure.subplots(1, len(shapes), squeeze=False)[0]
    order = sorted(asked.temperatures)
    for axes, shape in zip(panels, shapes, strict=True):
        for k, temperature in enumerate(order):
            members = sorted(
                (row.bias, *row.kept[:2])
                for row in found
                if (row.peak, row.width) == shape and row.temperature == temperature
            )
            v, full, ideal = zip(*members, strict=True)
            colour = ALONG(k / max(len(order) - 1, 1))
            axes.plot(v, full, color=colour, label=f"{KT} = {temperature:g} μ0")
            axes.plot(v, ideal, color=colour, ls=":", lw=1.1)
        axes.plot([], [], color="#777777", ls=":", label="Landauer, ideal leads")
        y_label = "current I [e μ0/h]" if axes is panels[0] else ""
        plain(axes, f"ε0 = {shape[0]:g} μ0, Γ = {shape[1]:g} μ0", "bias across the scatterer eV / μ0", y_label)
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    figure.suptitle(title, fontsize=11)
    return figure
