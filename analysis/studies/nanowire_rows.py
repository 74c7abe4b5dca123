"""Every combination that `[nanowire]` asks for, solved one after the other, and what is kept of them."""

import warnings
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

from tqdm import tqdm

from sgle.errors import SgleError
from sgle.nanowire import LinearisationWarning, Solution, Transmission, lorentzian, solve
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

    @property
    def where(self) -> str:
        """The same in words."""
        return ", ".join(f"{name} = {value:g}" for name, value in zip(HEAD, self.place, strict=True))


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
    where = f"peak {peak:g}, width {width:g}, bias {bias:g}, temperature {temperature:g}"
    settings = {"exponent": asked.exponent, "accuracy": asked.accuracy, "allow_nonlinear": asked.allow_nonlinear}
    found = solved(where, lorentzian(peak, width, asked.share), temperature, bias=bias, **settings)
    return Row(peak, width, bias, temperature, found.nonlinearity, keep(found))


def solved(where: str, scatterer: Transmission, temperature: float, **settings: Any) -> Solution:
    """`solve`, its errors preceded by where they happened; `doubts` tells of all large fields at once."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LinearisationWarning)
            return solve(scatterer, temperature, **settings)
    except SgleError as error:
        raise type(error)(f"{where}: {error}", **error.numbers) from error


def doubts(found: Mapping[str, float]) -> str:
    """A line about fields that electrons do not answer in proportion; empty where there are none.

    found : `Solution.nonlinearity` of every solution, by where it is.
    """
    beyond = {where: ratio for where, ratio in found.items() if ratio > STRONGEST}
    if not beyond:
        return ""
    worst = max(beyond, key=lambda where: beyond[where])
    return (
        f"\ndoubtful: {len(beyond)} of {len(found)} solutions have fields above {STRONGEST:g} k_BT, up to "
        f"{beyond[worst]:.2g} at {worst}: the linearised wires overstate them"
    )


def doubts_of(found: Iterable[Row]) -> str:
    """`doubts` about rows."""
    return doubts({row.where: row.nonlinearity for row in found})
