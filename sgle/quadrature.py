"""Adaptive integration of vector functions of frequency, many intervals at a time.

Gauss-Kronrod 10-21 points with QUADPACK's error heuristic. Written here because a Green's function is evaluated at a
thousand frequencies as cheaply as at one: every round refines all unfinished intervals in a single call, which no
library routine offers.    Source: R. Piessens et al., QUADPACK (Springer 1983), routine QK21.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sgle.errors import QuadratureError

Array = np.ndarray

_KRONROD = np.array(
    [
        0.995657163025808080735527280689003, 0.973906528517171720077964012084452, 0.930157491355708226001207180059508,
        0.865063366688984510732096688423493, 0.780817726586416897063717578345042, 0.679409568299024406234327365114874,
        0.562757134668604683339000099272694, 0.433395394129247190799265943165784, 0.294392862701460198131126603103866,
        0.148874338981631210884826001129720, 0.0,
    ]
)  # fmt: skip
_KRONROD_WEIGHTS = np.array(
    [
        0.011694638867371874278064396062192, 0.032558162307964727478818972459390, 0.054755896574351996031381300244580,
        0.075039674810919952767043140916190, 0.093125454583697605535065465083366, 0.109387158802297641899210590325805,
        0.123491976262065851077958109585166, 0.134709217311473325928054001771707, 0.142775938577060080797094273138717,
        0.147739104901338491374841515972068, 0.149445554002916905664936468389821,
    ]
)  # fmt: skip
_GAUSS_WEIGHTS = np.array(
    [
        0.066671344308688137593568809893332, 0.149451349150580593145863396957658, 0.219086362515982043995534934228163,
        0.269266719309996355091226921569469, 0.295524224714752870173815619188769,
    ]
)  # fmt: skip
POINTS = np.concatenate([-_KRONROD, _KRONROD[-2::-1]])
KRONROD = np.concatenate([_KRONROD_WEIGHTS, _KRONROD_WEIGHTS[-2::-1]])
GAUSS = np.zeros(21)
GAUSS[1:10:2] = _GAUSS_WEIGHTS
GAUSS[11::2] = _GAUSS_WEIGHTS[::-1]
# QK15: for many short intervals, as between the points of a table, on which the integrand hardly bends.
_SHORT = np.array(
    [
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
        0.741531185599394439863864773280788, 0.586087235467691130294144838258730, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
    ]
)  # fmt: skip
_SHORT_WEIGHTS = np.array(
    [
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
        0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649,
    ]
)  # fmt: skip
_SHORT_GAUSS = np.zeros(15)
_SHORT_GAUSS[1:7:2] = (
    0.129484966168869693270611432679082, 0.279705391489276667901467771423780, 0.381830050505118944950369775488975,
)  # fmt: skip
_SHORT_GAUSS[7] = 0.417959183673469387755102040816327
_SHORT_GAUSS[9::2] = _SHORT_GAUSS[5::-2]
RULES = {  # points, Kronrod weights, weights of the Gauss rule inside
    21: (POINTS, KRONROD, GAUSS),
    15: (
        np.concatenate([-_SHORT, [0.0], _SHORT[::-1]]),
        np.concatenate([_SHORT_WEIGHTS, [0.209482141084727828012999174891714], _SHORT_WEIGHTS[::-1]]),
        _SHORT_GAUSS,
    ),
}
MOST_INTERVALS = 50_000  # unfinished at a time; rounding noise would double them for ever


def _rule(function: Callable[[Array], Array], low: Array, high: Array, points: int) -> tuple[Array, Array, Array]:
    """Integral, error estimate and integral of |f| on each interval, (n_intervals, m) each."""
    places, kronrod, gauss = RULES[points]
    half, middle = (high - low) / 2, (high + low) / 2
    values = function((middle[:, None] + half[:, None] * places).ravel())
    values = values.reshape(len(low), points, -1)
    integral = np.einsum("p,ipm->im", kronrod, values)
    spread = np.einsum("p,ipm->im", kronrod, np.abs(values - integral[:, None] / 2))
    size = np.einsum("p,ipm->im", kronrod, np.abs(values))
    raw = np.abs(integral - np.einsum("p,ipm->im", gauss, values))
    safe = np.where(spread > 0, spread, 1.0)
    error = np.where(spread > 0, spread * np.minimum(1, (200 * raw / safe) ** 1.5), raw)
    error = np.maximum(error, 1e-15 * size)
    return tuple(half[:, None] * part for part in (integral, error, size))


def integrate(
    function: Callable[[Array], Array],
    points: Sequence[float] | Array,
    *,
    rtol: float = 1e-9,
    rounds: int = 60,
    rule: int = 21,
) -> tuple[Array, Array]:
    """∫ f dω from points[0] to points[-1], broken at the points; the last one may be infinite.

    function : (n_w,) -> (n_w, m).    Returns the integral (m,) and its error estimate (m,).
    rule : points per interval, 21 or, for many intervals that are short already, 15.
    Accuracy rtol is relative to ∫|f| of each component (and to 1e-3 of the largest one), so that integrals that
    vanish by cancellation converge too.    Raises QuadratureError with the place that resists.
    """
    marks = np.asarray(sorted(set(points)), dtype=float)
    if np.isinf(marks[-1]):
        # ω = top/(2 - x) beyond the last finite mark, x from 1 to 2.
        marks = marks[:-1] if len(marks) > 2 else np.array([marks[0], marks[0] + 1])
        top = marks[-1]
        tail, tail_error = _integrate(
            _smoothed(lambda x: function(top / (2 - x)) * (top / (2 - x) ** 2)[:, None], np.array([1.0, 2.0])),
            1,
            rtol,
            rounds,
            21,
        )
    else:
        tail = tail_error = np.zeros(1)
    inner, inner_error = _integrate(_smoothed(function, marks), len(marks) - 1, rtol, rounds, rule)
    return inner + tail, inner_error + tail_error


def _smoothed(function: Callable[[Array], Array], marks: Array) -> Callable[[Array], Array]:
    """f dω/dx with interval k of the marks mapped on k < x < k+1 by ω ∝ (3s - s³)/2, s = 2(x-k)-1.

    The map is flat at both ends: a square-root edge or an inverse one at a mark becomes a smooth function of x.
    """
    half, middle = np.diff(marks) / 2, (marks[1:] + marks[:-1]) / 2

    def mapped(x: Array) -> Array:
        k = np.minimum(x.astype(int), len(half) - 1)
        s = 2 * (x - k) - 1
        return function(middle[k] + half[k] * (3 * s - s**3) / 2) * (3 * half[k] * (1 - s**2))[:, None]

    return mapped


def _integrate(
    function: Callable[[Array], Array], intervals: int, rtol: float, rounds: int, rule: int
) -> tuple[Array, Array]:
    low = np.arange(intervals, dtype=float)
    high = low + 1
    done = done_error = done_size = 0.0
    for _ in range(rounds):
        integral, error, size = _in_pieces(function, low, high, rule)
        total_size = done_size + size.sum(axis=0)
        # Far beyond a Gaussian cutoff integrands are of the size of the smallest numbers, and as good as zero.
        allowed = rtol * np.maximum(total_size, 1e-3 * total_size.max(initial=0.0)) + np.finfo(float).tiny
        total_error = done_error + error.sum(axis=0)
        if np.all(total_error <= allowed):
            return done + integral.sum(axis=0), total_error
        share = error / np.where(allowed > 0, allowed, 1.0)
        bad = share.max(axis=1) > 0.3 / (len(low) + 20)
        good = ~bad
        done, done_error = done + integral[good].sum(axis=0), done_error + error[good].sum(axis=0)
        done_size = done_size + size[good].sum(axis=0)
        middle = (low[bad] + high[bad]) / 2
        low, high = np.concatenate([low[bad], middle]), np.concatenate([middle, high[bad]])
        if len(low) > MOST_INTERVALS:
            break
    excess = float(np.max(total_error / np.maximum(allowed, np.finfo(float).tiny)))
    raise QuadratureError(
        f"frequency integral did not converge with {len(low)} intervals left: its error is {excess:.2e} times the "
        f"allowed one (rtol {rtol:g}). An undamped mode lies in the range, or rtol is too small.",
        excess=excess,
        rtol=rtol,
    )


def _in_pieces(
    function: Callable[[Array], Array], low: Array, high: Array, points: int, most: int = 64
) -> tuple[Array, Array, Array]:
    """The rule on many intervals, at most `most` at a time to bound memory."""
    parts = [_rule(function, low[i : i + most], high[i : i + most], points) for i in range(0, len(low), most)]
    integral, error, size = (np.concatenate(column) for column in zip(*parts, strict=True))
    return integral, error, size
