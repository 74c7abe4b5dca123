"""Tables of a study, for the terminal and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


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
