"""junction.h5: an exact round trip, every dataset labelled, and no damage that goes unnoticed."""

import os
import shutil
import stat

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgle import Atoms, Junction, baths
from sgle.errors import FileError
from sgle.files.junction_file import digest, load_junction, read_junction, save_junction
from sgle.files.safe import atomic

OMEGA = np.linspace(-2.05, 1.95, 9)


def every_kind():
    """A junction with a bath from every constructor."""
    matrix = np.array([[0.4, 0.1], [0.1, 0.3]])
    twist = np.array([[0.0, 0.02], [-0.02, 0.0]])
    table = np.array([0.0, 0.5, 1.0, 1.5])
    return Junction(
        3.0 * np.eye(3) - np.eye(3, k=1) - np.eye(3, k=-1),
        {
            "drude": baths.drude(0.1, 2.0, 0.3, 0),
            "ohmic": baths.ohmic(0.1 * matrix, 2.0, 0.0, (0, 2), shape="exponential", counter_term=False),
            "debye": baths.debye(0.1, 1.0, 0.3, 1),
            "table": baths.tabulated(table, np.array([0.0, 0.3, 0.2, 0.0]), 0.1, [2]),
            "chain": baths.chain_lead(1.0, 0.1, 0.2, 0),
            "lead": baths.lead([[2.0]], [[-1.0]], [[-1.0]], 0.2, 2),
            "flat": baths.flat_band(0.1 * matrix, 0.1 * matrix + 1j * twist, 0.7, 0.2, 5.0, (0, 1)).without("berry"),
            "local": baths.local(
                matrix, twist, None, twist, matrix / 2, bias=-0.5, temperature=0.1, cutoff=3.0, dofs=(2, 1)
            ),
        },
        atoms=Atoms(("Au", "C"), np.array([0, 0, 1]), masses=np.array([196.96657, 12.011])),
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("junction") / "junction.h5"
    save_junction(path, every_kind(), "all kinds of baths")
    return path


def test_round_trip_is_exact(saved):
    before, after = every_kind(), load_junction(saved)
    assert digest(after) == digest(before)
    assert np.array_equal(after.dynamical_matrix, before.dynamical_matrix)
    assert list(after.baths) == list(before.baths)
    for name, bath in before.baths.items():
        again = after.baths[name]
        assert again.dofs == bath.dofs and again.bias == bath.bias
        assert np.array_equal(again.self_energy(OMEGA), bath.self_energy(OMEGA))
        assert np.array_equal(again.noise(OMEGA), bath.noise(OMEGA))


def test_atoms_survive_with_what_is_unknown(saved):
    atoms = load_junction(saved).atoms
    assert atoms.symbols == ("Au", "C") and list(atoms.dof_atom) == [0, 0, 1]
    assert list(atoms.masses) == [196.96657, 12.011] and atoms.positions is None


def test_every_dataset_has_units_and_description(saved):
    bare = []

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not (item.attrs.get("units") and item.attrs.get("description")):
            bare.append(name)

    with h5py.File(saved) as file:
        file.visititems(visit)
        assert file.attrs["description"] == "all kinds of baths"
    assert bare == []


def test_tables_are_the_spectra(saved):
    bath = every_kind().baths["local"]
    with h5py.File(saved) as file:
        group = file["baths/local"]
        omega = group["omega"][()]
        assert np.array_equal(group["noise_real"][()] + 1j * group["noise_imag"][()], bath.noise(omega))
        assert np.array_equal(group["broadening_real"][()] + 1j * group["broadening_imag"][()], bath.broadening(omega))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated(saved, tmp_path, share):
    content = saved.read_bytes()
    path = tmp_path / "cut.h5"
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(FileError, match=r"cut\.h5: (damaged|not a junction file)"):
        load_junction(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bits_are_refused_or_harmless(saved, data):
    content = bytearray(saved.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = saved.with_name("flipped.h5")
    path.write_bytes(content)
    try:
        junction = load_junction(path)
    except FileError as error:
        assert "flipped.h5" in str(error) and "\n" not in str(error)
    else:
        assert digest(junction) == digest(every_kind())


def test_foreign_files(tmp_path):
    for name, content in (("a.h5", b""), ("b.h5", b"units = 'eV'\n"), ("c.nc", b"CDF\x01" + bytes(100))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileError, match=name):
            load_junction(tmp_path / name)
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(FileError, match="no junction inside"):
        load_junction(tmp_path / "d.h5")
    with pytest.raises(FileError, match="No such file"):
        load_junction(tmp_path / "e.h5")
    with pytest.raises(FileError, match="directory"):
        load_junction(tmp_path)


def test_a_newer_format_is_refused(saved, tmp_path):
    path = tmp_path / "newer.h5"
    shutil.copy(saved, path)
    with h5py.File(path, "r+") as file:
        file.attrs["version"] = 99
    with pytest.raises(FileError, match="newer than this sgle can read"):
        load_junction(path)


def test_a_changed_number_is_found(saved, tmp_path):
    path = tmp_path / "changed.h5"
    shutil.copy(saved, path)
    with h5py.File(path, "r+") as file:
        file["baths/drude/parameters/cutoff"][()] = 2.5
        with pytest.raises(FileError, match="checksum"):
            read_junction(file)
    with pytest.raises(FileError, match="does not match its digest"):
        load_junction(path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with atomic(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        save_junction(tmp_path / "missing" / "junction.h5", every_kind())
    if os.geteuid():
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(FileError, match="cannot be written"):
            save_junction(tmp_path / "junction.h5", every_kind())
