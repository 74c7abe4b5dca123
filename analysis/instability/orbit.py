"""The orbit of a motion in a plane of two coordinates: an ellipse, from second moments (polarisation optics).

A motion p = Re[a e^{-iωt}] in the plane has ⟨p pᵀ⟩ = ½ Re a a†, and the angular momentum ⟨p_1 v_2 - p_2 v_1⟩ = ω
Im(a_1* a_2). So the coherence matrix J = 2⟨p pᵀ⟩ + (i/ω) L [[0, -1], [1, 0]] is a a† for a pure one. Its Stokes
parameters

    S0 = J_11 + J_22,  S1 = J_11 - J_22,  S2 = 2 Re J_12,  S3 = 2 Im J_21 = 2L/ω

give the ellipse of its polarised part, P = √(S1² + S2² + S3²) ≤ S0: semi-axes √[(P ± √(P² - S3²))/2], the long one at
the angle ½ atan2(S2, S1) from the first coordinate, run through from the first to the second coordinate if L > 0
(M. Born and E. Wolf, Principles of Optics (1999), 1.4.2 and 10.9.2). P/S0 is 1 for a pure cycle, 0 for noise.
"""

from dataclasses import dataclass

import numpy as np

from sgle.analysis.estimate import Estimate
from sgle.analysis.instability.pieces import jackknife

Array = np.ndarray
SURE = 4.0  # error bars of the angular momentum beyond zero, to speak of a sense of rotation


@dataclass(frozen=True, eq=False)
class Orbit:
    """axes : (2,) long and short semi-axis [ħ/√eV].    angle : of the long one, in (-π/2, π/2].

    eccentricity : √(1 - short²/long²).    angular_momentum : ⟨p_1 v_2 - p_2 v_1⟩ [ħ].    per_quantum : S3/S0, the
    angular momentum per quantum of motion in the plane, -1..1.    purity : P/S0.    All are Estimates.
    """

    axes: Estimate
    angle: Estimate
    eccentricity: Estimate
    angular_momentum: Estimate
    per_quantum: Estimate
    purity: Estimate

    @property
    def sense(self) -> int:
        """1 from the first to the second coordinate, -1 the other way, 0 if that is not certain by 4 error bars."""
        known = abs(self.angular_momentum.value) > SURE * self.angular_momentum.stderr
        return int(np.sign(self.angular_momentum.value)) if known else 0


MOMENTS = 4  # p_1², p_2², p_1 p_2, p_1 v_2 - p_2 v_1


def moments(place: Array, speed: Array) -> Array:
    """Second moments of p, v (..., 2), (..., 4): what an orbit is made from once they are averaged."""
    first, second = place[..., 0], place[..., 1]
    turned = first * speed[..., 1] - second * speed[..., 0]
    return np.stack([first**2, second**2, first * second, turned], axis=-1)


def orbit(means: Array, speed: Array) -> Orbit:
    """The ellipse, with errors by the jackknife.

    means : (R, 4) averages of `moments` over each trajectory.    speed : (R,) what ω is in v = -iω u, for each.
    """
    both = np.column_stack([means, speed])
    # The angle of an axis is known up to π: errors are taken about its value.
    centre = float(_ellipse(both.mean(axis=0))[2])

    def about(mean: Array) -> Array:
        found = _ellipse(mean)
        found[2] = centre + (found[2] - centre + np.pi / 2) % np.pi - np.pi / 2
        return found

    found = jackknife(both, about)
    momentum = Estimate.from_means(means[:, 3])
    return Orbit(found[:2], found[2], found[3], momentum, found[4], found[5])


def _ellipse(mean: Array) -> Array:
    """Semi-axes, angle, eccentricity, angular momentum per quantum, purity."""
    p11, p22, p12, turned, speed = mean
    s0, s1, s2, s3 = 2 * (p11 + p22), 2 * (p11 - p22), 4 * p12, 2 * turned / speed
    polarised, linear = np.sqrt(s1**2 + s2**2 + s3**2), np.hypot(s1, s2)
    long = np.sqrt((polarised + linear) / 2)
    short = abs(s3) / (2 * long)  # their product: no difference of equal numbers where the motion is on a line
    eccentricity = np.sqrt(2 * linear / (polarised + linear))
    return np.array([long, short, np.arctan2(s2, s1) / 2, eccentricity, s3 / s0, polarised / s0])
