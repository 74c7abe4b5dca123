"""simulate() of an anharmonic junction: what it knows, what it refuses, what is judged, and that all of it is kept."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from analysis_toys import small_junction, small_run
from anharmonic_toys import RUN, Outside, beyond, hard, runaway, soft_run
from resume_toys import Press, same, stretch
from test_result_file import assert_same

import sgle
from sgle.analysis import crosscheck
from sgle.analysis.anharmonic import PotentialLedger
from sgle.analysis.chunks import ChunkMeans
from sgle.analysis.crosscheck import Balance, cross_check
from sgle.analysis.engine import batch_files
from sgle.analysis.passage import Passage
from sgle.analysis.plot_style import png
from sgle.analysis.plots import figures
from sgle.analysis.report import html
from sgle.analysis.report_compare import beside, solutions
from sgle.analysis.target import reached
from sgle.analysis.twin import are_twins
from sgle.anharmonic import polynomial, sites
from sgle.cli.describe import summary
from sgle.cli.run import status
from sgle.errors import InputError, SgleWarning, UnstableError

TWIN = {"reference": "harmonic", "control": True}


@pytest.fixture(scope="module")
def twin():
    """A run beside its harmonic twin."""
    return soft_run(0.1, steps=4000, trajectories=24, passages={"far": Passage(beyond, 2.6)}, **TWIN)


@pytest.fixture(scope="module")
def held():
    """A run that only the quartic terms hold."""
    return small_run(runaway(), **RUN | {"burn_in": 3000})


def test_nothing_pretends_to_be_exact(twin, held):
    for found in (twin, held):
        for name, estimate in found.estimates.items():
            known = name in ("reference_kinetic_energy", "reference_heat_current")
            assert (estimate.grid is not None) == (estimate.continuum is not None) == known, name
        assert found.anharmonic and found.crosscheck.passed and status(found) == 0
        assert "no exact answer exists for anharmonic motion" in found.crosscheck.sentences()[0]
        assert "closes to" in found.crosscheck.sentences()[1] and 0 < found.potential_error < 0.01
        assert found.settings["start"] == "rest"
    assert {row.group for row in twin.crosscheck.rows} == {"reference_kinetic_energy", "reference_heat_current"}
    assert held.crosscheck.rows == () and held.modes.grid is None and held.settings["slowest_damping"] < 0


def test_a_force_of_nothing_is_harmonic_motion():
    """All series are those of the junction without it, to the last bit; the twin's are its own."""
    nothing = small_junction().with_anharmonic(polynomial(sites(2), quartic=0.0))
    found = small_run(nothing, **RUN | {"reference": "harmonic", "start": "rest"})
    plain = small_run(small_junction(), **RUN | {"start": "rest"})
    for name in ("kinetic_energy", "heat_current"):
        assert np.array_equal(found.series[name], plain.series[name])
        assert np.array_equal(found.series[f"reference_{name}"], plain.series[name])
    np.testing.assert_array_equal(found.estimates["reference_kinetic_energy"].grid, plain.kinetic_energy.grid)
    assert not found.excess_kinetic_energy.value.any() and not found.estimates["anharmonic_power"].value.any()


def test_the_twin_sharpens_and_is_judged(twin):
    plain, sharp = (twin.estimates[name].stderr for name in ("kinetic_energy", "controlled_kinetic_energy"))
    assert np.all(sharp < plain / 1.3)
    assert np.all(twin.excess_kinetic_energy.stderr < twin.excess_error_unpaired / 1.5)
    wrong = twin.estimates["reference_kinetic_energy"]
    spoiled = twin.estimates | {"reference_kinetic_energy": replace(wrong, grid=1.2 * wrong.grid)}
    labels = {name: twin.labels(name) for name in spoiled}
    check = cross_check(spoiled, labels, balance=twin.crosscheck.balance)
    assert check.verdict == "failed" and status(replace(twin, crosscheck=check)) == 1


def test_energy_that_is_lost_fails_the_run(held):
    for closing, verdict in ((1e-13, "passed"), (1e-3, "failed"), (np.nan, "failed")):
        check = replace(held.crosscheck, balance=Balance(closing, 1e-3))
        assert check.verdict == verdict and ("is no rounding" in check.sentences()[1]) == (verdict == "failed")
    assert crosscheck.CrossCheck((), balance=Balance()).verdict == "inconclusive"  # harmonic, and nothing to judge


def test_an_energy_that_is_not_that_of_the_force_proves_nothing():
    class Odd(Outside):
        def __call__(self, u):
            return self.inner(u)[0], 3 * self.inner(u)[1]

    with pytest.warns(SgleWarning, match="not the slope of its energy"):
        found = small_run(small_junction().with_anharmonic(Odd(2)), **RUN)
    assert found.crosscheck.verdict == "inconclusive"


@pytest.mark.parametrize(
    ("junction", "options", "message"),
    [
        (runaway(), {}, r"burn_in must be given.* 1/Im z = 17\.14 is 172 steps, so that 3440"),
        (runaway(), {"start": "rest"}, "burn_in must be given"),
        (hard(small_junction()), {"method": "stationary"}, "method = 'stationary' draws harmonic motion"),
        (hard(small_junction()), {"start": "stationary"}, "start = 'stationary' draws harmonic motion"),
        (hard(small_junction()), {"method": "jumps"}, "must be one of"),
        (hard(small_junction()), {"reference": True, "control": True}, "reference='harmonic' is one"),
        (hard(small_junction()), {"reference": "cubic"}, "True or 'harmonic'"),
        (small_junction(), {"reference": "harmonic"}, "harmonic itself"),
    ],
)
def test_refusals(junction, options, message):
    with pytest.raises(InputError, match=message):
        small_run(junction, **RUN | options)


def test_an_unstable_junction_has_no_twin():
    with pytest.raises(UnstableError):
        small_run(runaway(), **RUN | {"burn_in": 3000, "reference": "harmonic"})


def test_zero_bias_beside_it():
    """The same force at zero bias: an excess, but no exact answers; it heats."""
    found = soft_run(reference=True)
    assert not found.twin and found.beside == "zero bias" and not found.crosscheck.rows
    assert "reference_mode_energy" in found.estimates
    excess = found.excess_kinetic_energy
    assert excess.grid is None and np.all(excess.stderr < found.excess_error_unpaired / 1.5)


def test_files_keep_everything(twin, held, tmp_path):
    for number, found in enumerate((twin, held)):
        path = tmp_path / f"{number}.h5"
        found.save(path)
        again = sgle.load(path)
        assert_same(again.estimates, found.estimates)
        assert_same(again.series, found.series)
        for whole, read in (
            (found.modes._asdict(), again.modes._asdict()),
            (vars(found.snapshots), vars(again.snapshots)),
        ):
            assert_same(read, whole)
        assert_same(again.passages, found.passages)
        assert np.array_equal(again.watched, found.watched)
        assert again.crosscheck.sentences() == found.crosscheck.sentences() and repr(again) == repr(found)
        u = np.array([[0.3, -0.4]])
        assert np.array_equal(again.junction.anharmonic(u)[0], found.junction.anharmonic(u)[0])


def test_pictures_report_and_terminal(twin, held):
    drawn = set(figures(held))
    assert {
        "mode_energy",
        "energy_in_time",
        "velocity_spectrum",
        "running_averages",
    } < drawn and "z_scores" not in drawn
    assert "z_scores" in figures(twin)
    assert beside(twin) is None and solutions(twin) == 0
    page = html(twin, {name: png(figures(twin)[name]) for name in ("mode_energy", "energy_in_time")})
    for text in (
        "Everything that can be checked agrees",
        "vibrational modes",
        "the harmonic twin, same noise",
        "polynomial",
    ):
        assert text in page
    assert "Sampled numbers agree with theory" not in page
    shown = summary(twin)
    for text in (
        "excess over the harmonic twin",
        "kinetic energy of the harmonic twin",
        "twice the kinetic energy of a mode",
    ):
        assert text in shown
    passed = int(np.isfinite(twin.passages["far"]).sum())
    assert 0 < passed < 24 and f"far beyond 2.6 in {passed} of 24 trajectories" in shown
    assert "fastest growth of harmonic motion" in html(held, {})


def test_targets_are_measured_against_what_was_sampled(twin, held):
    assert reached(twin, 10.0).reached is False  # fewer than 32 trajectories prove no error bar
    verdict = reached(held, 0.01)
    assert not verdict.reached and verdict.factor > 1 and verdict.worst.split()[0] in ("kinetic_energy", "heat_current")


def whole_run(**changes):
    return soft_run(
        reference="harmonic",
        batch=3,
        observers={"stretch": stretch},
        passages={"far": Passage(beyond, 2.0)},
        checkpoint_seconds=0.0,
        **changes,
    )


def identical(one, other):
    same(one, other)
    assert_same(vars(one.snapshots), vars(other.snapshots))
    assert_same(one.passages, other.passages)
    assert one.potential_error == other.potential_error and np.array_equal(one.watched, other.watched)


def test_cut_and_resumed_and_by_workers(tmp_path, monkeypatch):
    """Ctrl-C in the first batch, in the second, and to the end; and two workers: the same bits."""
    monkeypatch.setattr(batch_files, "SHARE", 0.0)
    whole = whole_run()
    for blocks in (3, 14):
        Press.left = blocks
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SgleWarning)
            try:
                found = whole_run(folder=tmp_path / "cut", resume=True)
            finally:
                Press.left = None
    assert found.interrupted and np.isnan(found.snapshots.displacement).any()
    assert len(set(found.watched)) == 2 and len(found.passages["far"]) == found.series["kinetic_energy"].shape[1]
    identical(whole_run(folder=tmp_path / "cut", resume=True), whole)
    identical(whole_run(workers=2), whole)


@pytest.mark.parametrize(("observer", "calls"), [(PotentialLedger, 14), (ChunkMeans, 72), (ChunkMeans, 77)])
def test_interrupted_within_a_block(monkeypatch, observer, calls):
    """While observers of the junction or of its reference are at work: all that is kept is of one length."""
    update, made = observer.update, iter(range(10**6))

    def interrupted(self, block):
        if next(made) == calls:
            raise KeyboardInterrupt
        update(self, block)

    monkeypatch.setattr(observer, "update", interrupted)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SgleWarning)
        found = soft_run(reference=True, passages={"far": Passage(beyond, 0.1)})
    assert found.interrupted
    assert {len(series) for series in found.series.values()} == {len(found.snapshots.displacement)}
    assert np.all(found.passages["far"] < found.watched)


def test_a_reference_with_the_same_baths_and_another_matrix_is_no_twin():
    junction = small_junction()
    stiff = sgle.Junction(2 * junction.dynamical_matrix, junction.baths, atoms=junction.atoms)
    assert are_twins(junction, hard(junction)) and not are_twins(junction, stiff)
    assert not are_twins(junction, small_junction())  # other baths, though equal
    found = soft_run(reference=stiff)
    exact = sgle.landauer.kinetic_energy(stiff, found.grid.realise())
    np.testing.assert_allclose(found.estimates["reference_kinetic_energy"].grid, exact, rtol=1e-6)


def test_other_limits_are_another_run(tmp_path):
    whole_run(folder=tmp_path)
    with pytest.raises(InputError, match=r"passages\.far: .*beyond > 2\.0 -> none"):
        soft_run(reference="harmonic", batch=3, observers={"stretch": stretch}, folder=tmp_path, resume=True)
    with pytest.raises(InputError, match=r"reference_junction: .* -> none"):
        soft_run(batch=3, folder=tmp_path, resume=True)
    with pytest.raises(InputError, match="junction: "):
        soft_run(0.2, batch=3, folder=tmp_path, resume=True)
