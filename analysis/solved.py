"""Exact answers of one junction with all that is derived from them; of a second one with parts of the physics off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sgle.analysis.pair_answers import PairAnswers, pair_answers
from sgle.bath import Bath
from sgle.errors import BathError, UnstableError
from sgle.junction import Junction
from sgle.landauer import Answers, answers
from sgle.recipe.ehp import Ehp
from sgle.stability import require_stable

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Solved:
    """answers : None where the junction is unstable; trouble then says why.

    excess : (n_atoms,) kinetic energy of each atom beyond that at zero bias [eV]; None without atoms or electrons.
    temperatures : (n_atoms,) k_B T of a Büttiker probe on each atom [eV]; None if not asked for.
    flows : heat into a phonon bath from one kind of electron-hole pair, {("L", "e:LR"): J}; empty if not asked for.
    pairs : what `[ehp]` asks for, golden rule also of an unstable junction; None if nothing.
    """

    junction: Junction
    answers: Answers | None
    excess: Array | None = None
    temperatures: Array | None = None
    flows: Mapping[tuple[str, str], float] = field(default_factory=dict)
    trouble: str = ""
    pairs: PairAnswers | None = None


@dataclass(frozen=True, eq=False)
class Pair:
    """The junction as it is, and without what `[compare]` leaves out; value : of the swept key, 0 without sweep."""

    full: Solved
    without: Solved | None = None
    value: float = 0.0

    @property
    def trouble(self) -> str:
        """Why there is no steady state at this point; empty if there is one."""
        parts = [self.full.trouble]
        if self.without and self.without.trouble:
            parts.append(f"the comparison {self.without.trouble}")
        return "; ".join(part for part in parts if part)

    @property
    def note(self) -> str:
        """All that is to be minded at this point; empty if nothing is."""
        found = self.full.pairs
        parts = [self.trouble, *(found.notes if found else ()), *(found.refusals if found else ())]
        return "; ".join(part for part in parts if part)


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside energies and currents.

    without : switches of the second junction, () for none.    probes : keyword arguments of sgle.probes.temperatures
    for Büttiker probes on all atoms, or None.    channels : heat by electron-hole pairs.    pairs : `[ehp]`.
    """

    without: tuple[str, ...] = ()
    probes: Mapping[str, Any] | None = None
    channels: bool = False
    pairs: Ehp | None = None


def trouble(junction: Junction) -> str:
    """Why there are no answers: "unstable: 2 modes"; empty for a stable junction."""
    try:
        require_stable(junction)
    except UnstableError as error:
        return told(error)
    return ""


def told(error: UnstableError) -> str:
    """An UnstableError in a few words."""
    count = error.numbers.get("count", 0)
    if count and float(count).is_integer():
        return f"unstable: {int(count)} mode{'s' * (count > 1)}"
    return "unstable: an undamped mode" if not count else "unstable: winding number not an integer"


def solve_pair(
    junction: Junction,
    wanted: Wanted,
    value: float = 0.0,
    references: Sequence[Junction] = (),
    known: PairAnswers | None = None,
) -> Pair:
    """Both junctions at one point.

    references : the zero-bias junctions (full, without) of an earlier point, if they are the same here: sgle.landauer
    remembers their answers.    known : the pairs at an earlier point, if this one differs in bias only.
    """
    zero = references[0] if references else junction.at_bias(0.0)
    full = solve(junction, zero, wanted)
    if wanted.pairs is not None:
        full = replace(full, pairs=pair_answers(junction, wanted.pairs, known))
    if not wanted.without:
        return Pair(full, None, value)
    zero_without = references[1] if references else zero.without(*wanted.without)
    if same_baths(zero, zero_without):
        zero_without = zero
    return Pair(full, solve(junction.without(*wanted.without), zero_without, wanted), value)


def solve(junction: Junction, zero: Junction, wanted: Wanted) -> Solved:
    """Answers, excess over the junction `zero` without bias, and probe temperatures of one junction.

    QuadratureError where an integral fails; an unstable junction is no error but said.
    """
    try:
        found = answers(junction)
    except UnstableError as error:
        return Solved(junction, None, trouble=told(error))
    excess, flows = excess_per_atom(junction, found, zero), channel_flows(junction) if wanted.channels else {}
    return Solved(junction, found, excess, probe_temperatures(junction, wanted), flows)


def excess_per_atom(junction: Junction, found: Answers, zero: Junction) -> Array | None:
    """(n_atoms,) kinetic energies minus those of `zero` [eV]; None if there are no atoms, no electrons or no `zero`."""
    if junction.atoms is None or not feels_bias(junction):
        return None
    try:
        return junction.atoms.per_atom(found.kinetic_energy - answers(zero).kinetic_energy)
    except UnstableError:
        return None


def probe_temperatures(junction: Junction, wanted: Wanted) -> Array | None:
    """(n_atoms,) k_B T at which a weak bath on all dofs of an atom draws no heat [eV]."""
    if wanted.probes is None or junction.atoms is None:
        return None
    from sgle.probes import temperatures

    return temperatures(junction, **wanted.probes).temperature


def channel_flows(junction: Junction) -> dict[tuple[str, str], float]:
    """Heat into each phonon bath from each kind of electron-hole pair that gives or takes any (sgle.flows).

    Raises BathError if the baths have different temperatures: the current-driven form holds for one.
    """
    from sgle.flows import driven_flows

    try:
        found = driven_flows(junction)
    except BathError as error:
        raise BathError(f"[channels] cannot be told, leave that table out: {error}", **error.numbers) from error
    # Pairs within one electrode have no bias to give: zero but for rounding.
    idle = {f"{name}:{pair}" for name in junction.baths for pair in ("LL", "RR", "intra")}
    return {key: value for key, value in found.items() if key[1] not in idle}


def feels_bias(junction: Junction) -> bool:
    """True if one of the baths is of biased electrons."""
    return any("bias" in bath.parameters or bath.source is not None for bath in junction.baths.values())


def same_baths(first: Junction, second: Junction) -> bool:
    """True if a switch has changed nothing: Γ and S at a few frequencies of the vibrations and all local terms agree.

    The asymmetric forces vanish at zero bias (unless the leads differ in temperature): one solution serves both.
    """
    highest = np.sqrt(np.abs(np.linalg.eigvalsh(first.dynamical_matrix)).max())
    omega = highest * np.array([0.013, 0.111, 0.373, 0.717, 1.031])
    for name, bath in first.baths.items():
        pairs = zip(_fingerprint(bath, omega), _fingerprint(second.baths[name], omega), strict=True)
        if any(np.abs(a - b).max() > 1e-12 * np.abs(a).max() for a, b in pairs):
            return False
    return True


def _fingerprint(bath: Bath, omega: Array) -> tuple[Array, ...]:
    berry = np.zeros((1, 1)) if bath.berry is None else bath.berry
    return bath.broadening(omega), bath.noise(omega), bath.static, berry
