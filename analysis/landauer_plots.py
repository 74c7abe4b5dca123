"""Pictures of the frequency domain and of sweeps; those of sampled results are in sgle.analysis.plots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from sgle.analysis.columns import Column
from sgle.files.safe import atomic
from sgle.recipe import Recipe
from sgle.units import by_name

STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "savefig.dpi": 160,
}
MOST_LABELS = 10


@dataclass
class Spectra:
    """omega (n_w,); velocity spectrum (n_w, N), two-sided; transmission between phonon baths {(from, to): (n_w,)}."""

    omega: np.ndarray
    velocity: np.ndarray
    transmission: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)


def sweep_picture(path: Path, recipe: Recipe, values: Sequence[float], columns: Sequence[Column]) -> None:
    """One panel per quantity against the swept value; sampled points with bars over the exact lines."""
    panels = list(dict.fromkeys(column.panel for column in columns))
    with plt.rc_context(STYLE):
        size = (4.6 * len(panels), 3.6)
        figure, axes = plt.subplots(1, len(panels), figsize=size, layout="constrained", squeeze=False)
        for axis, panel in zip(axes[0], panels, strict=True):
            members = [column for column in columns if column.panel == panel]
            for k, column in enumerate(members):
                _draw(axis, values, column, _colour(k, len(members)), len(members) <= MOST_LABELS)
            axis.set(xlabel=recipe.swept, ylabel=panel)
            _legend(axis, len(members), "dof")
        figure.suptitle(recipe.title)
        _save(figure, path)


def _draw(axis: Any, values: Sequence[float], column: Column, colour: Any, labelled: bool) -> None:
    label = column.label if labelled else None
    if column.errors:
        axis.plot(values, column.exact, color=colour, alpha=0.6)
        axis.errorbar(values, column.values, column.errors, color=colour, label=label, fmt="o", ms=3, capsize=2)
    else:
        axis.plot(values, column.values, color=colour, label=label, marker="o", ms=2.5)


def landauer_picture(path: Path, recipe: Recipe, columns: Sequence[Column], spectra: Spectra) -> None:
    """Kinetic energies, heat currents, velocity spectrum and transmission of one junction."""
    units = by_name(recipe.units)
    frequency = spectra.omega * units.scale("frequency")
    label = units.titled("frequency ω" if recipe.units == "natural" else "energy ħω", "frequency")
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(2, 2, figsize=(9.2, 6.4), layout="constrained")
        _bars(axes[0, 0], [column for column in columns if column.panel.startswith("kinetic")])
        _bars(axes[0, 1], [column for column in columns if column.panel.startswith("heat")])
        count = spectra.velocity.shape[1]
        for k in range(count):
            name = f"dof {k}" if count <= MOST_LABELS else None
            axes[1, 0].semilogy(frequency, spectra.velocity[:, k], color=_colour(k, count), label=name)
        axes[1, 0].set(xlabel=label, ylabel="velocity spectrum", ylim=_decades(spectra.velocity))
        _legend(axes[1, 0], count, "dof")
        for pair, values in spectra.transmission.items():
            axes[1, 1].plot(frequency, values, label=" → ".join(pair))
        axes[1, 1].set(xlabel=label, ylabel="transmission between phonon baths", ylim=(0, None))
        if spectra.transmission:
            axes[1, 1].legend()
        else:
            axes[1, 1].set_axis_off()
        figure.suptitle(recipe.title)
        _save(figure, path)


def _bars(axis: Any, columns: Sequence[Column]) -> None:
    """One bar per number, of the single point there is."""
    labels = [column.label.removeprefix("dof ") for column in columns]
    axis.bar(range(len(columns)), [column.values[0] for column in columns], color="C0", width=0.6)
    step = max(1, len(columns) // 12)
    axis.set_xticks(range(0, len(columns), step), labels[::step])
    axis.axhline(0, color="black", linewidth=0.6)
    axis.set(ylabel=columns[0].panel, xlabel="degree of freedom" if columns[0].label.startswith("dof ") else "bath")


def _decades(values: Any, most: float = 1e6) -> tuple[float, float]:
    top = float(values.max()) * 2
    return max(float(values[values > 0].min()) / 2, top / most), top


def _colour(k: int, count: int) -> Any:
    return f"C{k}" if count <= MOST_LABELS else plt.get_cmap("viridis")(k / (count - 1))


def _legend(axis: Any, count: int, noun: str) -> None:
    if count <= MOST_LABELS:
        axis.legend()
    else:
        axis.set_title(f"{noun} 0 (dark) … {count - 1} (light)", loc="left", fontsize="medium")


def _save(figure: Any, path: Path) -> None:
    with atomic(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lstrip("."))
    plt.close(figure)
