"""Picture of the cross-check: every z-score, group by group, inside the limit of the family or not."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from sgle.analysis.crosscheck import CrossCheck, Row
from sgle.analysis.plot_style import BLACK, BLUE, CYCLE, RED, new_figure, plain


def scores(check: CrossCheck) -> Figure:
    """z of every number that was judged, and their distribution beside the normal law."""
    figure = new_figure(9.5, 4.0)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(4, 1))
    groups = list(dict.fromkeys(row.group for row in check.rows))
    for colour, group in zip(np.resize(CYCLE, len(groups)), groups, strict=True):
        places = [k for k, row in enumerate(check.rows) if row.group == group]
        left.plot(
            places,
            [_bounded(check.rows[k].z) for k in places],
            "o",
            color=colour,
            markersize=4,
            label=group.replace("_", " "),
        )
    for sign in (-1, 1):
        left.axhline(sign * check.limit, color=RED, linewidth=1.4, linestyle="--")
        right.axhline(sign * check.limit, color=RED, linewidth=1.4, linestyle="--")
    left.axhspan(-2, 2, color=BLUE, alpha=0.08, linewidth=0)
    left.axhline(0, color=BLACK, linewidth=0.8)
    for row in check.offenders[:5]:
        _name(left, check.rows.index(row), row)
    plain(
        left,
        f"cross-check: {check.verdict} (dashed: limit ±{check.limit:.2f} for all {len(check.rows)} numbers together)",
        y="(sampled − exact)/standard error",
    )
    left.set_xticks([])
    left.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=4)
    _distribution(right, np.array([_bounded(row.z) for row in check.rows]))
    return figure


def _bounded(z: float) -> float:
    """z as far as a picture can show it."""
    return float(np.clip(np.nan_to_num(z, posinf=1e3, neginf=-1e3), -1e3, 1e3))


def _name(axes: Axes, place: int, row: Row) -> None:
    axes.annotate(
        f"{row.group.replace('_', ' ')} {row.label}",
        (place, _bounded(row.z)),
        xytext=(6, 0),
        textcoords="offset points",
        fontsize=8,
        color=RED,
        va="center",
    )


def _distribution(axes: Axes, z: np.ndarray) -> None:
    reach = max(4.0, float(np.max(np.abs(z), initial=0.0)))
    bins = np.linspace(-reach, reach, 25).tolist()
    axes.hist(z, bins, density=True, orientation="horizontal", color=BLUE, alpha=0.35)
    line = np.linspace(-reach, reach, 200)
    axes.plot(norm.pdf(line), line, color=BLACK, linewidth=1.2)
    plain(axes, "normal law", x="density")
