"""`[anharmonic]` in recipes: the forces of the constructors, units at the door, mistakes with their path."""

import numpy as np
import pytest
from ase.calculators.emt import EMT
from ase.constraints import FixAtoms
from ase.optimize import BFGS

from sgle import Junction
from sgle.anharmonic import angstroms, bonds, lennard_jones, morse, polynomial, sites, sum_of
from sgle.anharmonic.ase import from_calculator, moving_atoms
from sgle.errors import RecipeError
from sgle.files.junction_file import save_junction
from sgle.models.gold.anharmonic import gold_chain_force
from sgle.recipe import Recipe
from sgle.units import ANGSTROM_AMU

BATH = """
[baths.L]
kind = "drude"
dofs = [0]
"""
NATURAL = (
    'units = "natural"\n[system]\ndynamical_matrix = [[1.0, -0.4], [-0.4, 1.0]]\n'
    + BATH
    + "temperature = 0.1\nfriction = 0.1\ncutoff = 2.0\n"
)
EV = (
    'units = "eV"\n[system]\ndynamical_matrix_meV2 = [[400.0, -100.0], [-100.0, 400.0]]\n'
    + BATH
    + "temperature_K = 300\nfriction_meV = 1\ncutoff_meV = 60\n"
)
GOLD = 'units = "eV"\n[system]\nmodel = "gold-chain"\nbases = false\n'
U = 0.3 * np.random.default_rng(0).standard_normal((4, 2))


def junction(text, table, folder=None):
    return Recipe.from_bytes((text + table).encode(), folder=folder).junction()


def problems(text, table):
    with pytest.raises(RecipeError) as caught:
        junction(text, table)
    return caught.value.problems


def same(found, expected, u=U):
    return all(np.array_equal(a, b) for a, b in zip(found(u), expected(u), strict=True))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('kind = "polynomial"\nsites = [0, 1]\nquartic = 0.1', polynomial(sites(2), quartic=0.1)),
        (
            'kind = "polynomial"\nbonds = [[0, 1], ["wall", 0]]\ncubic = [0.1, 0.2]\nquartic = 1',
            polynomial(bonds(2, [(0, 1), (None, 0)]), cubic=[0.1, 0.2], quartic=1.0),
        ),
        (
            'kind = "polynomial"\ncoordinates = [[1.0, 2.0]]\nquartic = 0.1\nmasses = [4.0, 1.0]',
            polynomial([[0.5, 2.0]], quartic=0.1),
        ),
        ('kind = "morse"\nbonds = [[0, 1]]\ndepth = 0.5\nwidth = 0.3', morse(bonds(2, [(0, 1)]), 0.5, 0.3)),
        (
            'kind = "lennard-jones"\nbonds = [[0, 1]]\ndepth = 0.05\nlength = 4.0',
            lennard_jones(bonds(2, [(0, 1)]), 0.05, 4.0),
        ),
    ],
)
def test_natural(keys, expected):
    assert same(junction(NATURAL, "[anharmonic]\n" + keys).anharmonic, expected)


def test_several_are_added():
    text = (
        '[anharmonic.a]\nkind = "polynomial"\nsites = [0]\nquartic = 0.1\n[anharmonic.b]\nkind = "morse"\nsites = [1]\n'
    )
    found = junction(NATURAL, text + "depth = 0.1\nwidth = 0.2\n").anharmonic
    assert same(found, sum_of(polynomial(sites(2, [0]), quartic=0.1), morse(sites(2, [1]), 0.1, 0.2)))


def test_none():
    assert junction(NATURAL, "").anharmonic is None


def test_electronvolts_and_ångströms():
    """Coordinates in Å with the masses given; 0.2 nm⁻¹ is 0.02 Å⁻¹."""
    scale = angstroms([12.0, 197.0])
    keys = 'kind = "polynomial"\nsites = [0, 1]\ncubic_eV_per_A3 = 0.1\nquartic_eV_per_A4 = 2.0\nmasses_amu = [12, 197]'
    assert same(junction(EV, "[anharmonic]\n" + keys).anharmonic, polynomial(sites(2, scale=scale), 0.1, 2.0), 10 * U)
    keys = 'kind = "morse"\nbonds = [[0, 1]]\ndepth_meV = 500\nwidth_per_nm = 2\nmasses_amu = 12'
    found = junction(EV, "[anharmonic]\n" + keys).anharmonic
    expected = morse(bonds(2, [(0, 1)], ANGSTROM_AMU / np.sqrt(12.0)), 0.5, 0.2)
    assert np.allclose(found(10 * U)[0], expected(10 * U)[0], rtol=1e-12)


def test_masses_of_a_model():
    keys = '[anharmonic]\nkind = "morse"\nbonds = [[2, 5]]\ndepth_eV = 0.3\nwidth_per_A = 1.0'
    found = junction(GOLD, keys).anharmonic
    scale = angstroms(196.96657)
    u = np.random.default_rng(0).standard_normal((3, 9))
    assert np.allclose(found(u)[0], morse(bonds(9, [(2, 5)], scale), 0.3, 1.0)(u)[0], rtol=1e-12)


def test_sutton_chen():
    found = junction(GOLD, '[anharmonic]\nkind = "sutton-chen"\n')
    u = 10 * np.random.default_rng(0).standard_normal((3, 9))
    assert same(found.anharmonic, gold_chain_force(bases=False), u)
    text = (
        GOLD.replace("bases = false", "bases = false\natoms = 4\ngap_nm = 1.52")
        + '[anharmonic]\nkind = "sutton-chen"\n'
    )
    stiff = junction(GOLD, '[anharmonic]\nkind = "sutton-chen"\nelastic = false\n').anharmonic
    assert same(stiff, gold_chain_force(bases=False, elastic=False), u)
    tables = Recipe.from_bytes(text.encode()).tables
    longer = tables.anharmonic["anharmonic"][1].force(found, tables)
    assert longer.spec == gold_chain_force(4, 15.2, False).spec and longer.size == 12


def test_bonds_between_atoms():
    keys = '[anharmonic]\nkind = "{}"\natom_pairs = [[0, 1], [1, 2]]\ndepth_eV = 0.1\n'
    for kind, more in (("morse", "width_per_A = 1.0"), ("lennard-jones", "length_A = 2.5")):
        found = junction(GOLD, keys.format(kind) + more).anharmonic
        assert found.size == 9 and found.stiffness.any()


@pytest.fixture(scope="module")
def emt(tmp_path_factory):
    """A CO molecule on one frozen gold atom, as structure and as junction."""
    from ase import Atoms

    folder = tmp_path_factory.mktemp("emt")
    atoms = Atoms("AuCO", [[0, 0, 0], [0, 0, 2.0], [0, 0, 3.2]], constraint=FixAtoms([0]))
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=1e-6, steps=500)
    atoms.calc = None
    atoms.write(folder / "co.json")
    force = from_calculator("ase.calculators.emt:EMT", atoms)
    save_junction(folder / "junction.h5", Junction(force.stiffness, {}, atoms=moving_atoms(atoms)))
    return folder, force


ASE = """units = "eV"
[system]
junction = "junction.h5"
[baths.L]
kind = "drude"
dofs = [0]
temperature_K = 300
friction_meV = 1
cutoff_meV = 600
[anharmonic]
kind = "ase"
calculator = "ase.calculators.emt:EMT"
structure = "co.json"
[anharmonic.parameters]
asap_cutoff = false
"""


def test_a_calculator(emt):
    folder, force = emt
    found = junction(ASE, "", folder)
    u = np.random.default_rng(0).standard_normal((3, 6))
    assert same(found.anharmonic, force, u)
    recipe = Recipe.from_bytes(ASE.encode(), folder=folder)
    assert str(folder / "co.json") in recipe.data["anharmonic"]["structure"]
    named = ASE.replace("[anharmonic]", "[anharmonic.emt]").replace("[anharmonic.p", "[anharmonic.emt.p")
    assert same(junction(named, "", folder).anharmonic, force, u)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('calculator = "ase', 'moving = [0]\ncalculator = "ase', "atom 0 is to move and is held by FixAtoms"),
        ('calculator = "ase', 'moving = [2, 1]\ncalculator = "ase', "moving atom 0 is O in the structure, C"),
        ('calculator = "ase', 'largest_force_eV_per_A = 1e-12\ncalculator = "ase', "not at rest"),
        ("emt:EMT", "emt:ETM", "cannot be imported"),
        ("co.json", "oc.json", "no structure can be read"),
        (
            'calculator = "ase',
            'compare = "some"\ncalculator = "ase',
            'compare: must be "all", "off-diagonal" or a list',
        ),
    ],
)
def test_calculators_refused(emt, old, new, message):
    with pytest.raises(RecipeError, match="anharmonic") as caught:
        junction(ASE.replace(old, new), "", emt[0])
    assert message in str(caught.value)


def test_the_force_of_a_junction_file_is_kept(emt, tmp_path):
    _, force = emt
    atoms = Junction(force.stiffness, {}, anharmonic=polynomial(sites(6), quartic=0.1))
    save_junction(tmp_path / "junction.h5", atoms)
    kept = junction(ASE[: ASE.index("[anharmonic]")], "", tmp_path)
    assert kept.anharmonic.spec["kind"] == "polynomial"
    text = (
        ASE[: ASE.index("[anharmonic]")]
        + '[anharmonic]\nkind = "morse"\nsites = [0]\ndepth_eV = 1e-6\nwidth_per_A = 1e-3\nmasses_amu = 12\n'
    )
    assert junction(text, "", tmp_path).anharmonic.spec["kind"] == "morse"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            'kind = "foo"',
            "anharmonic.kind: must be one of polynomial, morse, lennard-jones, sutton-chen, ase, got 'foo'",
        ),
        ('kind = "polynomial"\nsites = [0]\nbonds = [[0, 1]]', "anharmonic: give one of sites, bonds, coordinates"),
        ('kind = "polynomial"\nquartic = 1', "anharmonic: give one of sites, bonds, coordinates; found none"),
        ('kind = "polynomial"\nsites = [5]', "anharmonic: dof 5 is none of 0..1"),
        ('kind = "polynomial"\nbonds = [[0, "wal"]]', "anharmonic.bonds[0]: must be two dofs, or a dof and"),
        ('kind = "polynomial"\nbonds = [[1, 1]]', "anharmonic.bonds[0]: must be two dofs"),
        (
            'kind = "polynomial"\nsites = [0]\nquartic_eV_per_A4 = 1',
            'anharmonic.quartic_eV_per_A4: units are "natural"',
        ),
        (
            'kind = "polynomial"\nsites = [0]\nquartic = [1, 2]',
            "anharmonic: quartic must be one real number or one for",
        ),
        ('kind = "polynomial"\nsites = [0]\nquartic = [true]', "anharmonic.quartic: must be a number, or a list"),
        ('kind = "polynomial"\nsites = [0]\nquartic = inf', "anharmonic.quartic: has a number that is not finite"),
        ('kind = "polynomial"\ncoordinates = [[1.0]]', "coordinates has rows of 1 numbers for 2 dofs"),
        ('kind = "morse"\nsites = [0]\ndepth = -1\nwidth = "x"', "anharmonic.depth: must be greater than 0, got -1"),
        ('kind = "morse"\nsites = [0]\nwidth = 1', "anharmonic.depth: is missing"),
        ('kind = "morse"\nsites = [0]\ndepth = 1\nwidth = 1\nlength = 2', "length is for atom_pairs"),
        (
            'kind = "morse"\nbonds = [[0, 1]]\ndepth = 0.5\nwidth = 1.3',
            "the bonds are stiffer than the junction",
        ),
        (
            'kind = "morse"\natom_pairs = [[0, 1]]\ndepth = 0.5\nwidth = 1',
            "atoms in space are in eV and Å; write units",
        ),
        ('kind = "lennard-jones"\nsites = [0]\ndepth = 0.1', "length is missing"),
        ('kind = "sutton-chen"', 'sutton-chen belongs to system.model = "gold-chain"'),
        ('kind = "ase"\ncalculator = "a:B"', 'atoms in space are in eV and Å; write units = "eV"'),
    ],
)
def test_messages(keys, message):
    found = problems(NATURAL, "[anharmonic]\n" + keys)
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            'kind = "polynomial"\nsites = [0]\nquartic_eV_per_A4 = 1',
            "the masses of the dofs are not known; write masses_amu",
        ),
        (
            'kind = "polynomial"\nsites = [0]\nquartic = 1',
            "quartic: needs its unit in the key; write quartic_eV_per_A4",
        ),
        ('kind = "polynomial"\nsites = [0]\nmasses_amu = [1, 2, 3]', "masses has 3 numbers for 2 dofs"),
        (
            'kind = "morse"\nsites = [0]\ndepth_eV = 1\nwidth = 2',
            "width: needs its unit in the key; write width_per_A or",
        ),
        ('kind = "morse"\natom_pairs = [[0, 1]]\ndepth_eV = 1\nwidth_per_A = 1', "the system does not know its atoms"),
        ('kind = "ase"\ncalculator = "ase.calculators.emt:EMT"', "the system does not know its atoms"),
    ],
)
def test_messages_in_electronvolts(keys, message):
    found = problems(EV, "[anharmonic]\n" + keys)
    assert any(message in problem for problem in found), found


def test_all_problems_at_once_with_their_names():
    text = '[anharmonic.one]\nkind = "polynomial"\nsites = [5]\n[anharmonic.two]\nkind = "morse"\nsites = [7]\n'
    text += "depth = 1\nwidth = 1"
    assert [problem.split(":")[0] for problem in problems(NATURAL, text)] == ["anharmonic.one", "anharmonic.two"]
    assert problems("anharmonic = 3\n", NATURAL) == ["anharmonic: must hold tables [anharmonic.NAME], got 3"]
    assert "anharmonic.one.kind" in problems(NATURAL, "[anharmonic]\none = 3")[0]


def test_overrides_and_sweeps():
    text = (
        NATURAL
        + '[anharmonic]\nkind = "polynomial"\nsites = [0]\nquartic = 0.1\n[sweep]\n"anharmonic.quartic" = [0.1, 0.2]\n'
    )
    points = Recipe.from_bytes(text.encode()).points()
    assert [recipe.junction().anharmonic.parameters["quartic"][0] for _, recipe in points] == [0.1, 0.2]
