"""Pictures of `sgle stability`: roots in the complex plane, growth rates against bias, map of critical biases."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator

from sgle.analysis.columns import axis_label
from sgle.analysis.plot_style import BLACK, BLUE, CYCLE, PURPLE, RED, new_figure, plain
from sgle.analysis.stability_answers import ALL, Case
from sgle.stability import Branches, ExceptionalPoint
from sgle.units import Units

Array = np.ndarray
BIAS = ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.92, 256)), name="bias")
GROWS = "#FBE3D6"
OTHERS = (BLUE, *CYCLE[2:])  # red is for what goes first
MOST_NAMED = 6
SAME = 1e-6  # relative distance of degenerate modes
NO_MATTER = 1e-6  # relative change of a critical bias that makes no mark of its own
CONTINUUM, ON_GRID = "continuum", "grid"
HALO = [withStroke(linewidth=2.5, foreground="white")]


def roots_figure(
    found: Mapping[str, Branches],
    units: Units,
    title: str,
    critical: Case | None = None,
    exceptional: ExceptionalPoint | None = None,
) -> Figure:
    """Eigenfrequencies on their way through the complex plane, coloured by bias; above the real axis they grow.

    found : {"continuum": Branches, "grid": Branches or none}.    critical : marked where it has a threshold.
    """
    figure = new_figure(8.2, 5.4)
    axes = figure.subplots()
    scale, bias = units.scale("frequency"), units.scale("bias")
    values = found[CONTINUUM].values * bias
    norm = Normalize(values.min(), values.max())
    for z in found[ON_GRID].z.T * scale if ON_GRID in found else ():
        axes.plot(z.real, z.imag, color=BLACK, linewidth=0.9, linestyle=(0, (1, 1.6)), zorder=3)
    for z in found[CONTINUUM].z.T * scale:
        _coloured(axes, z, values, norm)
    _mark_events(axes, units, critical, exceptional)
    _above(axes)
    _root_legend(axes, ON_GRID in found)
    plain(axes, x=units.titled("Re z", "frequency"), y=units.titled("Im z", "frequency"))
    bar = figure.colorbar(ScalarMappable(norm, BIAS), ax=axes, aspect=30, pad=0.02)
    bar.set_label(units.titled("bias", "bias"))
    bar.outline.set_linewidth(0.4)  # type: ignore[operator]
    figure.suptitle(title, fontsize=11)
    return figure


def _coloured(axes: Axes, z: Array, values: Array, norm: Normalize) -> None:
    """One trajectory of a root, its beginning a ring, its end a dot."""
    known = np.isfinite(z)
    z, values = z[known], values[known]
    if not z.size:
        return
    points = np.stack([z.real, z.imag], axis=1)
    pieces = np.stack([points[:-1], points[1:]], axis=1)
    lines = LineCollection(list(pieces), cmap=BIAS, norm=norm, linewidths=2.4, capstyle="round", zorder=4)
    lines.set_array((values[:-1] + values[1:]) / 2)
    axes.add_collection(lines)
    colours = BIAS(norm(values))
    axes.plot(*points[0], "o", ms=7, mfc="white", mec=colours[0], mew=1.8, zorder=5)
    axes.plot(*points[-1], "o", ms=6.5, color=colours[-1], mew=0, zorder=5)


def _mark_events(axes: Axes, units: Units, critical: Case | None, exceptional: ExceptionalPoint | None) -> None:
    """Where a root crosses the real axis, and where two meet."""
    scale, label = units.scale("frequency"), units.label("bias")
    if critical is not None and critical.found is not None:
        text = f"{critical.found.value * units.scale('bias'):.4g} {label}".rstrip()
        place = (critical.found.frequency * scale, 0.0)
        axes.plot(*place, "o", ms=12, mfc="none", mec=RED, mew=1.8, zorder=7, label=f"critical bias {text}")
    if exceptional is not None:
        z = np.sqrt(complex(exceptional.eigenvalue)) * scale
        text = f"{exceptional.value.real * units.scale('bias'):.4g} {label}".rstrip()
        axes.plot(z.real, z.imag, "*", ms=15, color=PURPLE, mec="white", zorder=8, label=f"exceptional point {text}")


def _above(axes: Axes) -> None:
    """The real axis, and colour above it if any root gets there."""
    axes.autoscale_view()
    low, high = axes.get_ylim()
    high = max(high, 0.06 * (high - low))
    axes.axhspan(0, high, color=GROWS, alpha=0.6, linewidth=0, zorder=0)
    axes.axhline(0, color=BLACK, linewidth=1.0, zorder=2)
    axes.set_ylim(low, high)
    axes.annotate(
        "grows", (0.008, 0.0), xycoords=("axes fraction", "data"), xytext=(0, 3), textcoords="offset points",
        fontsize=8, color=RED, path_effects=HALO,
    )  # fmt: skip


def _root_legend(axes: Axes, gridded: bool) -> None:
    grey = "#666666"
    axes.plot([], [], "o", ms=7, mfc="white", mec=grey, mew=1.8, label="first bias")
    axes.plot([], [], "o", ms=6.5, color=grey, mew=0, label="last bias")
    if gridded:
        axes.plot([], [], color=BLACK, linewidth=0.9, linestyle=(0, (1, 1.6)), label="on the time grid")
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=5)


def growth_figure(
    found: Mapping[str, Branches], cases: Sequence[Case], units: Units, title: str, names: Mapping[str, str]
) -> Figure:
    """Im z of every mode against bias, the one that goes first in red; critical biases marked on the zero line.

    cases : the first with all forces.    names : what each case is called.
    """
    figure = new_figure(8.2, 5.0)
    axes = figure.subplots()
    scale, bias = units.scale("frequency"), units.scale("bias")
    first = _critical_branch(found[CONTINUUM], cases)
    for domain, each in found.items():
        for number, k in enumerate(_different(each)):
            colour, width, label = _look(number, k, each, first if domain == CONTINUUM else None, units, domain)
            style = "-" if domain == CONTINUUM else (0, (1, 1.6))
            x, y, error = each.values * bias, each.z[:, k].imag * scale, each.error[:, k] * scale
            axes.plot(x, y, color=colour, linewidth=width, linestyle=style, label=label)
            axes.fill_between(x, y - error, y + error, color=colour, alpha=0.15, linewidth=0)
    _thresholds(axes, cases, units, names)
    axes.set_xlim(*sorted(found[CONTINUUM].values[[0, -1]] * bias))
    _above(axes)
    plain(axes, x=units.titled("bias", "bias"), y=units.titled("growth rate Im z", "frequency"))
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, ncols=2, loc="outside lower center")
    figure.suptitle(title, fontsize=11)
    return figure


def _different(found: Branches) -> list[int]:
    """Branches, one of each set of degenerate ones."""
    kept: list[int] = []
    for k, z in enumerate(found.z.T):
        twins = (np.nanmax(np.abs(found.z[:, j] - z), initial=0.0) for j in kept)
        if not any(distance < SAME * np.nanmax(np.abs(z)) for distance in twins):
            kept.append(k)
    return kept


def _critical_branch(found: Branches, cases: Sequence[Case]) -> int | None:
    """The branch that crosses the real axis at the threshold with all forces; None if there is none."""
    threshold = next((case.found for case in cases if case.name == ALL), None)
    if threshold is None:
        return None
    order = np.argsort(found.values)
    imag = [np.interp(threshold.value, found.values[order], z.imag[order]) for z in found.z.T]
    real = [np.interp(threshold.value, found.values[order], z.real[order]) for z in found.z.T]
    distance = np.hypot(np.array(imag), np.array(real) - threshold.frequency)
    return int(np.nanargmin(distance))


def _look(
    number: int, k: int, found: Branches, first: int | None, units: Units, domain: str
) -> tuple[str, float, str | None]:
    """Colour, width and name of branch k, drawn as that number: the critical one red, others blue or, if many, grey."""
    if domain == ON_GRID:
        return BLACK, 0.9, "on the time grid" if number == 0 else None
    start = found.z[np.flatnonzero(np.isfinite(found.z[:, k]))[0], k].real * units.scale("frequency")
    name = f"Re z = {start:.4g} {units.label('frequency')}".rstrip() + " at the first bias"
    if k == first:
        return RED, 2.4, name
    if found.z.shape[1] > MOST_NAMED:
        return "#9AA5B1", 1.1, "other modes" if number == (0 if first != 0 else 1) else None
    return OTHERS[number % len(OTHERS)], 1.8, name


def _thresholds(axes: Axes, cases: Sequence[Case], units: Units, names: Mapping[str, str]) -> None:
    """A mark for every threshold that differs from that of all forces, and a line through that one."""
    everything = next((case.found.value for case in cases if case.name == ALL and case.found), np.nan)
    for k, case in enumerate(cases):
        if case.found is None or (k and abs(case.found.value / everything - 1) < NO_MATTER):
            continue
        value = case.found.value * units.scale("bias")
        text = f"{names[case.name]}: {value:.4g} {units.label('bias')}".rstrip()
        if case.name == ALL:
            axes.axvline(value, color=RED, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        style = {"color": RED, "ms": 9} if case.name == ALL else {"mfc": "white", "mec": BLACK, "ms": 8, "mew": 1.3}
        axes.plot(value, 0.0, "oD^sv<>p"[k % 8], zorder=6, linestyle="none", label=text, **style)  # type: ignore[arg-type]


def critical_figure(
    swept: str,
    values: Sequence[float],
    cases: Mapping[str, Sequence[Case]],
    units: Units,
    title: str,
    names: Mapping[str, str],
) -> Figure:
    """Critical bias against a second parameter, with all forces and with each one off; arrows where none was found.

    cases : {name: one Case per value}.
    """
    figure = new_figure(7.8, 5.0)
    axes = figure.subplots()
    scale, x = units.scale("bias"), np.asarray(values, dtype=float)
    top = scale * max(abs(case.span[1]) for case in cases[ALL])
    for k, (name, members) in enumerate(cases.items()):
        y = np.array([np.nan if case.found is None else abs(case.found.value) * scale for case in members])
        colour = RED if name == ALL else OTHERS[(k - 1) % len(OTHERS)]
        style = {"color": colour, "marker": "oD^sv<"[k % 6], "ms": 6, "linewidth": 2.2 if name == ALL else 1.6}
        axes.plot(x, y, label=names[name], zorder=5 if name == ALL else 4, **style)  # type: ignore[arg-type]
        if name == ALL:
            axes.fill_between(x, np.where(np.isnan(y), top, y), top, color=GROWS, alpha=0.6, linewidth=0, zorder=0)
        _stable_up_to(axes, x, members, top * (1 - 0.035 * k), colour)
    axes.set_ylim(0, 1.04 * top)
    axes.xaxis.set_major_locator(FixedLocator(list(x))) if len(x) <= 9 else None
    plain(axes, x=axis_label(swept), y=units.titled("critical bias", "bias"))
    _region_names(axes, cases)
    figure.legend(*axes.get_legend_handles_labels(), frameon=False, fontsize=8, ncols=3, loc="outside lower center")
    figure.suptitle(title, fontsize=11)
    return figure


def _stable_up_to(axes: Axes, x: Array, members: Sequence[Case], height: float, colour: str) -> None:
    """Arrows at values that are stable up to the end of the range, crosses at the foot of those that never are."""
    free = np.array([case.found is None and not case.growing and not case.trouble for case in members])
    lost = np.array([case.growing > 0 for case in members])
    axes.plot(x[free], np.full(free.sum(), height), "^", color=colour, ms=7, mfc="white", mew=1.5, zorder=6)
    axes.plot(x[lost], np.zeros(lost.sum()), "x", color=colour, ms=8, mew=2, clip_on=False)


def _region_names(axes: Axes, cases: Mapping[str, Sequence[Case]]) -> None:
    """What shading, arrows and crosses mean."""
    everything = [case for members in cases.values() for case in members]
    axes.fill_between([], [], color=GROWS, alpha=0.6, linewidth=0, label="a mode runs away")
    if any(case.found is None and not case.growing and not case.trouble for case in everything):
        axes.plot([], [], "^", color="#666666", ms=7, mfc="white", mew=1.5, label="stable up to the end of the range")
    if any(case.growing for case in everything):
        axes.plot([], [], "x", color="#666666", ms=8, mew=2, label="unstable from the beginning")
