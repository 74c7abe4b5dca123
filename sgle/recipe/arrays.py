"""Numbers in rows: vectors and matrices as TOML lists, complex entries as [real, imaginary] pairs."""

import math
from typing import Any

import numpy as np

Entry = int | float | complex


def unique(dofs: list[int]) -> list[int]:
    """A list of dofs in which none stands twice."""
    twice = sorted({dof for dof in dofs if dofs.count(dof) > 1})
    if twice:
        raise ValueError(f"dof {twice[0]} stands twice")
    return dofs


def scalar_or_matrix(value: Any) -> Any:
    """A number (the same on every dof of the bath) or a real square matrix."""
    if _is_number(value):
        return _finite(value)
    return _square(real_matrix(value))


def one_or_some(value: Any) -> Any:
    """A real number, or a list of them."""
    if not isinstance(value, list):
        return one_or_some([value])[0]
    if not value or not all(_is_number(item) for item in value):
        raise ValueError("must be a number, or a list with a number for each")
    return [_finite(item) for item in value]


def positive(value: Any) -> Any:
    """A number > 0, or a list of them."""
    numbers = one_or_some(value)
    if np.min(numbers) <= 0:
        raise ValueError(f"must be greater than 0, got {np.min(numbers):g}")
    return numbers


def bond(value: Any) -> tuple[int | None, int | None]:
    """Two dofs, or one and "wall", which becomes None."""
    ends = value if isinstance(value, list) else []
    fine = [end == "wall" or (isinstance(end, int) and not isinstance(end, bool) and end >= 0) for end in ends]
    if len(ends) != 2 or not all(fine) or ends[0] == ends[1]:
        raise ValueError(f'must be two dofs, or a dof and "wall", such as [0, 1]; got {shorten(value)}')
    return tuple(None if end == "wall" else end for end in ends)  # type: ignore[return-value]


def real_matrix(value: Any) -> list[list[float]]:
    """Rows of real numbers, all of one length."""
    rows = matrix(value)
    if any(isinstance(entry, complex) for row in rows for entry in row):
        raise ValueError("must be real, but has [real, imaginary] pairs")
    return rows  # type: ignore[return-value]


def matrix(value: Any) -> list[list[Entry]]:
    """Rows of numbers, each a number or a [real, imaginary] pair, all of one length."""
    if not isinstance(value, list) or not value or not all(isinstance(row, list) and row for row in value):
        raise ValueError("must be a matrix: a list of rows, such as [[1.0, 0.2], [0.2, 1.0]]")
    for number, row in enumerate(value):
        if len(row) != len(value[0]):
            raise ValueError(f"row {number} has {len(row)} numbers, row 0 has {len(value[0])}")
    return [[_entry(entry, i, j) for j, entry in enumerate(row)] for i, row in enumerate(value)]


def matrices(value: Any) -> list[Any]:
    """One number per frequency, or one matrix per frequency."""
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list with one number or one matrix per frequency")
    if all(_is_number(item) for item in value):
        return [_finite(item) for item in value]
    tables = [_square(matrix(item)) for item in value]
    if len({len(table) for table in tables}) > 1:
        raise ValueError("has matrices of different sizes")
    return tables


def diagonal_or_matrix(value: Any) -> Any:
    """The diagonal of a matrix as a list of numbers, or a real square matrix."""
    if isinstance(value, list) and value and all(_is_number(item) for item in value):
        return one_or_some(value)
    return _square(real_matrix(value))


def some_matrices(value: Any) -> Any:
    """One real square matrix, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(item, list) and item for item in value):
        if all(isinstance(row, list) for item in value for row in item):
            found = [_square(real_matrix(item)) for item in value]
            if len({len(item) for item in found}) > 1:
                raise ValueError("has matrices of different sizes")
            return found
    return _square(real_matrix(value))


def _square(rows: list[list[Any]]) -> list[list[Any]]:
    if len(rows) != len(rows[0]):
        raise ValueError(f"must be square, but has {len(rows)} rows of {len(rows[0])}")
    return rows


def _entry(entry: Any, i: int, j: int) -> Entry:
    if _is_number(entry):
        return _finite(entry)
    if isinstance(entry, list) and len(entry) == 2 and all(_is_number(part) for part in entry):
        return complex(_finite(entry[0]), _finite(entry[1]))
    raise ValueError(f"row {i}, column {j}: expected a number or a [real, imaginary] pair, got {shorten(entry)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finite(value: int | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"has a number that is not finite ({number})")
    return number


def shorten(value: Any, width: int = 40) -> str:
    """`value` as text of at most `width` characters, for a message."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # integers of more than 4300 digits
        return f"a {type(value).__name__}"
    return text if len(text) <= width else text[: width - 3] + "..."
