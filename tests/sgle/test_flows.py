"""Channel-resolved flows and the current-driven form: two roads to the same currents (physics.md 5; 000 SM I)."""

from dataclasses import replace

import numpy as np
import pytest
from laws.models import INTRA, minimal, smooth_minimal
from laws.wire import wire

from sgle import Junction, baths, flows, landauer
from sgle.errors import BathError, UnstableError
from sgle.flows import channel_flows, current_driven, driven_flows
from sgle.landauer import integrated

CASES = {
    "minimal": lambda: minimal(1.0),
    "reversed": lambda: minimal(-0.3),
    "cold": lambda: minimal(1.0, temperature=0.0),
    "smooth": lambda: smooth_minimal(0.7, temperature=0.1),
    "three baths": lambda: minimal(1.0).replace(probe=baths.ohmic(0.02, 2.0, 0.5, 0)),
    "no CIF": lambda: minimal(1.0).without("asymmetric"),
    "no zero point": lambda: minimal(1.0).without("zero_point"),
}


def four_channels(bias=1.0, temperature=0.5):
    """The minimal model with LL and RR apart and strengths that are not even: s^{αβ}(-ω) = s^{βα}(ω)*."""
    junction = minimal(bias, temperature)
    electrons = junction.baths["e"]
    intra = electrons.channels[0]
    halves = [replace(intra, strength=intra.strength.map(lambda m: m / 2), name=name) for name in ("LL", "RR")]
    return junction.replace(e=replace(electrons, channels=(*halves, *electrons.channels[1:])))


@pytest.mark.parametrize("case", [*CASES, "hot lead", "no force"])
def test_channels_add_up_to_the_bath(case):
    extra = {
        "hot lead": lambda: minimal(1.0).replace(hot=baths.ohmic(0.02, 2.0, 0.9, 0)),
        "no force": lambda: minimal(1.0).without("nonconservative"),
    }
    junction = {**CASES, **extra}[case]()
    found, pairs = channel_flows(junction), landauer.pair_flows(junction)
    scale = max(map(abs, pairs.values()))
    for name in flows.phonon_baths(junction):
        total = sum(found[name, f"e:{c}"] for c in ("intra", "LR", "RL"))
        assert total == pytest.approx(pairs[name, "e"], abs=1e-8 * scale)
    for (a, b), value in found.items():
        assert found[b, a] == -value
    assert abs(sum(found.values())) < 1e-14


def test_two_halves_of_a_channel_share_its_flow():
    whole, halves = channel_flows(minimal(1.0)), channel_flows(four_channels())
    for bath in ("L", "R"):
        assert halves[bath, "e:LL"] == pytest.approx(whole[bath, "e:intra"] / 2, rel=1e-8)
        assert halves[bath, "e:LL"] == pytest.approx(halves[bath, "e:RR"], rel=1e-12)
        assert halves[bath, "e:LR"] == pytest.approx(whole[bath, "e:LR"], rel=1e-8)
    assert halves["e:LL", "e:RR"] == pytest.approx(0, abs=1e-14)  # alike in all, at one temperature


@pytest.mark.parametrize("temperature", [0.0, 0.02, 0.5, 3.0])
def test_only_the_driving_channel_heats(temperature):
    """Pairs that give back eV heat every bath, those that take it cool it, whatever the force does (002)."""
    junction = minimal(1.0, temperature)
    found, wanted = driven_flows(junction), landauer.heat_currents(junction)
    for bath in ("L", "R"):
        assert found[bath, "e:LR"] > 0 >= found[bath, "e:RL"]
        assert abs(found[bath, "e:intra"]) < 1e-14
        total = sum(found[bath, f"e:{c}"] for c in ("intra", "LR", "RL"))
        assert total == pytest.approx(wanted[bath], rel=1e-7)


def test_equilibrium():
    """Nothing is driven; what circulates through a complex channel comes back through its partner."""
    junction = minimal(0.0)
    assert max(map(abs, driven_flows(junction).values())) < 1e-13
    found = channel_flows(junction)
    assert abs(found["L", "e:LR"]) > 1e-3
    for end in ("L", "R", "e:intra", "e:LR", "e:RL"):
        assert abs(sum(value for (to, _), value in found.items() if to == end)) < 1e-13
    real = channel_flows(junction.without("asymmetric"))
    assert max(map(abs, real.values())) < 1e-13


def test_no_electrons_drive_nothing():
    junction = minimal(1.0).replace(e=None)
    assert current_driven(junction) == {"L": 0.0, "R": 0.0} and driven_flows(junction) == {}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("form", ["half-line", "LR", "RL"])
def test_current_driven_form_is_landauers(case, form):
    junction = CASES[case]()
    wanted, found = landauer.heat_currents(junction), current_driven(junction, form)
    for name, value in found.items():
        assert value == pytest.approx(wanted[name], rel=1e-7), name
    assert -sum(found.values()) == pytest.approx(wanted["e"], rel=1e-7)


def test_energy_resolved_strength_counts_on_the_negative_axis():
    """Full line and half line agree for strengths that are not even only because s^{αβ}(-ω) = s^{βα}(ω)*."""
    junction = four_channels()
    half, full = current_driven(junction), current_driven(junction, "RL")
    assert full["R"] == pytest.approx(half["R"], rel=1e-8)
    electrons = junction.baths["e"]
    broken = [replace(c, strength=c.strength.map(np.conj)) if c.name == "RL" else c for c in electrons.channels]
    odd = junction.replace(e=replace(electrons, channels=tuple(broken)))
    assert abs(current_driven(odd, "RL")["R"] / current_driven(odd, "LR")["R"] - 1) > 0.1


def printed(junction, spectral, form="RL", full=False):
    """000 Eq. 30 with this spectral function of bath R, over the half or the full line."""
    bath = junction.baths["e"]
    temperature = bath.temperature

    def one_side(response, omega):
        pi = response.self_energies(omega)
        d = response.greens_function(omega, pi)
        gamma = np.zeros_like(d)
        gamma[:, 1, 1] = 2 * np.real(1j * pi["R"][:, 0, 0])
        dagger = np.conj(np.swapaxes(d, -1, -2))
        a = dagger @ gamma @ d if spectral == "time-reversed" else d @ gamma @ dagger
        channels = [c for c in bath.channels if c.name in form.split()]
        return sum(np.einsum("wij,wji->w", flows.pair_excess(c, omega, temperature), a).real for c in channels)

    def integrand(response, omega):
        value = one_side(response, omega) + (one_side(response, -omega) if full else 0)
        return value[:, None] / (2 * np.pi)

    return integrated(junction, integrand)[0][0]


def test_errata_of_equation_30():
    """Negative controls: RL over ω > 0 alone, and the spectral function that is not time-reversed."""
    junction = minimal(1.0)
    wanted = landauer.heat_currents(junction)["R"]
    assert printed(junction, "time-reversed", full=True) == pytest.approx(wanted, rel=1e-7)
    assert printed(junction, "time-reversed", "LR RL") == pytest.approx(wanted, rel=1e-7)
    assert abs(printed(junction, "time-reversed") / wanted - 1) > 1  # lower limit 0, as printed
    assert abs(printed(junction, "plain", full=True) / wanted - 1) > 0.5
    # In a mirror-symmetric junction the wrong spectral function gives the other bath's current; in no other.
    assert printed(junction, "plain", full=True) == pytest.approx(landauer.heat_currents(junction)["L"], rel=1e-7)
    uneven = junction.replace(R=baths.drude(0.08, 10.0, 0.5, 1))
    wanted = landauer.heat_currents(uneven)
    assert printed(uneven, "time-reversed", full=True) == pytest.approx(wanted["R"], rel=1e-7)
    for bath in ("L", "R"):
        assert abs(printed(uneven, "plain", full=True) / wanted[bath] - 1) > 0.03


def test_refusals():
    hot = minimal(1.0).replace(L=baths.drude(0.05, 10.0, 0.6, 0))
    with pytest.raises(BathError, match=r"L: 0\.6, R: 0\.5, e: 0\.5"):
        current_driven(hot)
    with pytest.raises(BathError, match="nonconservative switched off"):
        current_driven(minimal(1.0).without("nonconservative"))
    with pytest.raises(BathError, match="come from different electrons"):
        channel_flows(minimal(1.0).without("nonequilibrium_noise"))
    with pytest.raises(BathError, match=r"switched off: asymmetric_noise\).*Leave these on"):
        channel_flows(minimal(1.0).without("asymmetric_noise"))
    with pytest.raises(BathError, match="unknown form"):
        current_driven(minimal(1.0), "both")
    strong = np.array([[0.03, 0.029j], [-0.029j, 0.03]])
    electrons = baths.flat_band(INTRA, strong, 3.0, 0.5, 10.0, [0, 1])
    runaway = Junction([[1.0, -0.01], [-0.01, 1.0]], {"L": baths.drude(0.01, 10.0, 0.5, 0), "e": electrons})
    for question in (channel_flows, current_driven):
        with pytest.raises(UnstableError, match="unstable mode"):
            question(runaway)


@pytest.mark.parametrize("switch", [(), ("asymmetric",), ("nonconservative",), ("zero_point",)])
def test_flows_of_energy_dependent_electrons(switch):
    """Tables interpolate Γ and strengths apart (1e-4 of Γ): the ledger closes to rounding all the same."""
    junction = wire(0.2).without(*switch)
    found, pairs = channel_flows(junction), landauer.pair_flows(junction)
    for bath in ("L", "R"):
        total = sum(found[bath, f"e:{c}"] for c in ("LL", "RR", "LR", "RL"))
        assert total == pytest.approx(pairs[bath, "e"], rel=1e-8, abs=1e-8 * abs(pairs["R", "e"]))
    assert found["L", "R"] == pytest.approx(pairs["L", "R"], rel=1e-8)


@pytest.mark.parametrize("form", ["half-line", "LR", "RL"])
def test_current_driven_form_of_energy_dependent_electrons(form):
    wanted = landauer.heat_currents(wire(0.2))
    found = current_driven(wire(0.2), form)
    for name, value in found.items():
        assert value == pytest.approx(wanted[name], abs=1e-5 * wanted["R"])
