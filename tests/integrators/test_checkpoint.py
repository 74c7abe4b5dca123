"""Checkpoints: what is kept comes back bit for bit, and no damaged or foreign file is ever read."""

from dataclasses import dataclass

import numpy as np
import pytest
from error_bars import SEED

from sgle.errors import FileError
from sgle.integrators.checkpoint import MAGIC, CheckpointError, pack, read, unpack, write
from sgle.integrators.state import State


def state():
    """One of everything: floats of all kinds, integers, texts, nested containers, arrays in several orders."""
    rng = np.random.default_rng(SEED)
    odd = np.array([0.0, -0.0, np.inf, np.nan, 5e-324, 1 / 3])
    memory = {
        "plain": [None, True, 3, 2**80, 1 / 3, float("inf"), "δ", (1, (2.0,))],
        "orders": [rng.standard_normal((3, 4, 5)).transpose(order) for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0))],
        "types": [odd, odd[::2], np.arange(3), np.array([1j]), np.array(True), np.empty((0, 3)), np.float64(1 / 3)],
        7: State(np.ones((1, 1)), np.zeros((1, 1)), step=2),
    }
    return State(rng.standard_normal((2, 3)), rng.standard_normal((2, 3)).T, {"L": memory}, 12)


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
        axes = [axis for axis in range(one.ndim) if one.shape[axis] > 1]
        assert (
            np.argsort([one.strides[k] for k in axes]).tolist() == np.argsort([other.strides[k] for k in axes]).tolist()
        )
        assert other.flags.writeable and other.flags.aligned
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            same(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same(a, b)
    elif isinstance(one, State):
        same(vars(one), vars(other))
    else:
        assert one == other


def test_everything_comes_back_bit_for_bit(tmp_path):
    write(tmp_path / "file", state())
    same(state(), read(tmp_path / "file"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@dataclass
class Foreign:
    x: int = 1


@pytest.mark.parametrize("value", [Foreign(), {1, 2}, np.array([object()]), np.array(["text"]), len, b"bytes"])
def test_what_cannot_be_kept_is_refused(tmp_path, value):
    with pytest.raises(CheckpointError, match="cannot be kept"):
        write(tmp_path / "file", {"x": [value]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("module", "name"), [("os", "system"), ("pathlib", "Path"), ("sgle.errors", "FileError")])
def test_no_file_makes_anything_but_our_dataclasses(module, name):
    text = b"".join(pack(State(np.ones(1), np.ones(1))))
    index = text.replace(b"sgle.integrators.state", module.encode()).replace(b"State", name.encode())
    index = (int.from_bytes(text[:8], "little") + len(index) - len(text)).to_bytes(8, "little") + index[8:]
    with pytest.raises(CheckpointError, match=r"not of this package|no dataclass"):
        unpack(index)


def test_truncation_at_any_place_is_noticed(tmp_path):
    path = tmp_path / "file"
    write(path, state())
    whole = path.read_bytes()
    for length in [*range(0, 80, 3), *np.linspace(80, len(whole) - 1, 20, dtype=int)]:
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=f"{path}: truncated"):
            read(path)


def test_any_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "file"
    write(path, state())
    whole = path.read_bytes()
    places = np.random.default_rng(SEED).integers(0, 8 * len(whole), 200)
    for place in [0, 8 * len(MAGIC) + 3, 8 * len(whole) - 1, *places]:
        spoiled = bytearray(whole)
        spoiled[place // 8] ^= 1 << place % 8
        path.write_bytes(spoiled)
        with pytest.raises(CheckpointError, match=r"damaged|truncated|not a checkpoint"):
            read(path)


def test_other_files_are_not_taken_for_checkpoints(tmp_path):
    (tmp_path / "file").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(200))
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        read(tmp_path / "file")
    with pytest.raises(FileError, match="No such file"):
        read(tmp_path / "nothing")
