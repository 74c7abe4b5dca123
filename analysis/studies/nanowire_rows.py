"""Every combination that `[nanowire]` asks for, solved one after the other, and tables of what is kept of them."""

import csv
import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

from tqdm import tqdm

from sgle.errors import SgleError
from sgle.nanowire import LinearisationWarning, Solution, lorentzian, solve
from sgle.nanowire.solve import STRONGEST
from sgle.recipe.nanowire import Nanowire

HEAD = ("e0", "Gamma", "eV", "kT")
KT = r"$k_\mathrm{B}T$"  # for pictures


class Row(NamedTuple):
    """One solution: where it is, how far from linear, and what was kept of it."""

    peak: float
    width: float
    bias: float
    temperature: float
    nonlinearity: float
    kept: Any

    @property
    def place(self) -> tuple[float, ...]:
        """ε0, Γ, eV, k_BT in μ0: the columns of HEAD."""
        return self[:4]


def rows(
    asked: Nanowire,
    keep: Callable[[Solution], Any],
    peaks: Iterable[float] | None = None,
    widths: Iterable[float] | None = None,
) -> list[Row]:
    """All combinations, the temperature the fastest; what `solve` raises is preceded by where it happened."""
    cases = list(product(peaks or asked.peaks, widths or asked.widths, asked.biases, asked.temperatures))
    return [_row(asked, keep, *case) for case in tqdm(cases, disable=None, leave=False)]


def _row(
    asked: Nanowire, keep: Callable[[Solution], Any], peak: float, width: float, bias: float, temperature: float
) -> Row:
    settings = {"exponent": asked.exponent, "accuracy": asked.accuracy, "allow_nonlinear": asked.allow_nonlinear}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LinearisationWarning)  # `doubts` tells of all at once
            found = solve(lorentzian(peak, width, asked.share), temperature, bias=bias, **settings)  # type: ignore[arg-type]
    except SgleError as error:
        where = f"peak {peak:g}, width {width:g}, bias {bias:g}, temperature {temperature:g}"
        raise type(error)(f"{where}: {error}", **error.numbers) from error
    return Row(peak, width, bias, temperature, found.nonlinearity, keep(found))


def doubts(found: Sequence[Row]) -> str:
    """A line about fields that electrons do not answer in proportion; empty where there are none."""
    beyond = [row for row in found if row.nonlinearity > STRONGEST]
    if not beyond:
        return ""
    worst = max(beyond, key=lambda row: row.nonlinearity)
    at = ", ".join(f"{name} = {value:.3g}" for name, value in zip(HEAD, worst.place, strict=True))
    return (
        f"\ndoubtful: {len(beyond)} of {len(found)} solutions have fields above {STRONGEST:g} k_BT, up to "
        f"{worst.nonlinearity:.2g} at {at}: the linearised wires overstate them"
    )


def aligned(head: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    """A table for the terminal, five digits."""
    cells = [list(head), *([f"{x:.5g}" if isinstance(x, float) else str(x) for x in line] for line in body)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    return "\n".join("  ".join(x.rjust(w) for x, w in zip(line, widths, strict=True)).rstrip() for line in cells)


def as_csv(head: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    """The same as CSV, ten digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([f"{x:.10g}" if isinstance(x, float) else x for x in line] for line in body)
    return text.getvalue()
