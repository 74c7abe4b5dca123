"""Text tables for the terminal."""

from collections.abc import Sequence

import numpy as np

from sgle.units import Units

MOST_ROWS = 12


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the first flush left, the others flush right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for first, *others in (head, *rows):
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def number(value: float, digits: int = 6) -> str:
    """A number of so many significant digits; a dash for one that is not known."""
    return "–" if not np.isfinite(value) else f"{value:.{digits}g}"


def shown(value: float, units: Units, quantity: str, digits: int = 6) -> str:
    """A number with its unit, as displayed: `0.4 V`, or `0.4` in natural units."""
    return f"{number(value * units.scale(quantity), digits)} {units.label(quantity)}".rstrip()


def duration(seconds: float) -> str:
    """A time a person can grasp."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 1 else "less than a second"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
