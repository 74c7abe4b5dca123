"""Recipe four-terminal: heat by kind of pair and terminal, 002 Eq. C4, cooling and Joule heating."""

import csv
import warnings

import numpy as np
import pytest
from end_to_end.command import sgle
from error_bars import limit

from sgle import flows, landauer, simulate
from sgle.ehp import at_temperatures, pair_currents
from sgle.errors import KernelWarning
from sgle.recipe import Recipe
from sgle.response import Response

NAME = "four-terminal"


def recipe(bias, *overrides):
    return Recipe.load(NAME, ["sweep={}", f"bias={bias}", *overrides])


@pytest.mark.parametrize("bias", [0.75, 3.0, -2.0])
def test_one_channel_over_the_whole_axis(bias):
    """C4: LR over all ω is LR + RL over ω > 0, terminal by terminal, and the current that knows no channels."""
    junction = recipe(bias).junction()
    exact = landauer.heat_currents(junction)
    for form in ("LR", "RL", "half-line"):
        found = flows.current_driven(junction, form)
        assert [found["L"], found["R"]] == pytest.approx([exact["L"], exact["R"]], rel=1e-9)
    assert pair_currents(junction).total == pytest.approx(exact["L"] + exact["R"], rel=1e-9)


def test_equation_c4_by_a_plain_sum():
    """J_L = ∫dω/2π ω Tr[Γ_LR D†Γ_L D][n_B(ω-eV) - n_B(ω)] over both signs of ω; DΓ_L D† gives other numbers."""
    junction = recipe(2.0).junction()
    omega = np.linspace(-8, 8, 32000)  # even: without ω = 0
    (lr,) = (channel for channel in junction.baths["e"].channels if channel.name == "LR")
    absorbed, emitted = lr.rates(omega)
    # (abs - em) n_B(ω-eV) = em
    weighted = emitted - (absorbed - emitted) / np.expm1(omega / 0.2)[:, None, None]
    d, gamma = Response(junction).greens_function(omega), junction.baths["L"].broadening(omega)[:, 0, 0]
    reversed_in_time = np.conj(d[:, 0, :, None]) * gamma[:, None, None] * d[:, 0, None, :]
    forward = d[:, :, 0, None] * gamma[:, None, None] * np.conj(d[:, None, :, 0])
    step = (omega[1] - omega[0]) / (2 * np.pi)
    right, wrong = (
        np.sum(omega * np.einsum("wij,wji->w", weighted, spectrum)).real * step
        for spectrum in (reversed_in_time, forward)
    )
    exact = landauer.heat_currents(junction)["L"]
    assert right == pytest.approx(exact, rel=1e-3)
    assert abs(wrong / exact - 1) > 0.05


def test_each_kind_of_pair_has_one_sign():
    """Numbers of the page; LR heats both sides, RL cools both, LL and RR do neither."""
    page = {
        0.75: (0.688, -10.101, 0.690, -3.528),
        2.0: (6.797, -10.783, 5.807, -3.815),
        3.0: (16.772, -10.847, 9.891, -3.842),
    }
    for bias, row in page.items():
        found = flows.driven_flows(recipe(bias).junction())
        keys = [("L", "e:LR"), ("L", "e:RL"), ("R", "e:LR"), ("R", "e:RL")]
        assert [1e5 * found[key] for key in keys] == pytest.approx(row, abs=6e-4)
        idle = [found[bath, f"e:{name}"] for bath in "LR" for name in ("LL", "RR")]
        assert max(map(abs, idle)) < 1e-18


def test_cooling_and_joule_heating():
    currents = {bias: landauer.heat_currents(recipe(bias).junction()) for bias in (1.52, 1.54, 2.47, 2.48)}
    assert currents[1.52]["R"] < 0 < currents[1.54]["R"]
    assert currents[2.47]["L"] < 0 < currents[2.48]["L"]
    # Heat goes from cold phonons to hot electrons, up to T_e = .3073.
    cold = recipe(0.75).junction()
    below, above = (pair_currents(at_temperatures(cold, hot, 0.2)).total for hot in (0.3072, 0.3074))
    assert below < 0 < above
    assert pair_currents(at_temperatures(cold, 0.25, 0.2)).total == pytest.approx(-8.368e-5, rel=1e-3)


def test_entropy_is_the_work_of_the_bias():
    """At one temperature T σ = eV I: what the electrons that exchange a quantum lose."""
    found = pair_currents(recipe(2.0).junction())
    assert found.charge == pytest.approx(2.902802e-4, rel=1e-5)
    assert found.entropy_production == pytest.approx(2.0 * found.charge / 0.2, rel=1e-9)


def test_sampled_currents_are_those_of_the_grid():
    """Cooling at 0.75: [run] with fewer trajectories; both currents, the larger one to a twelfth."""
    asked = recipe(0.75, "run.trajectories=128")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KernelWarning)  # the cusp of the noise at ω = 0: see the page
        found = simulate(asked.junction(), **asked.settings, spectrum_segment=0, progress=False).heat_currents
    for name in "LR":
        assert abs(found[name].value - found[name].grid) < limit(found[name].degrees, 2) * found[name].stderr
    assert found["L"].stderr < abs(found["L"].grid) / 12
    # Cooling, and not the heat of the opposite bias.
    assert found["L"].value < -8 * found["L"].stderr
    assert landauer.heat_currents(recipe(-0.75).junction())["L"] > 0


def test_command(tmp_path):
    """Columns of both tables, [channels] and [ehp], add up to each other in landauer.csv."""
    done = sgle("landauer", NAME, "-o", "out", "--set", "sweep.bias=[0.75, 2.0]", cwd=tmp_path)
    assert done.status == 0, done.err
    with (tmp_path / "out" / "landauer.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        heat = {key: float(value) for key, value in row.items()}
        for channel in ("e:LR", "e:RL"):
            both = sum(heat[f"heat from electron-hole pairs, {bath} from {channel}"] for bath in "LR")
            assert heat[f"energy from electron-hole pairs, {channel}"] == pytest.approx(both, rel=1e-6)
        total = heat["heat current into bath, L"] + heat["heat current into bath, R"]
        assert heat["energy from electron-hole pairs, all"] == pytest.approx(total, rel=1e-6)
    assert (tmp_path / "out" / "pairs.png").stat().st_size > 10_000
