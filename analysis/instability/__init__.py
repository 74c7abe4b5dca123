"""Beyond the threshold: growth, limit cycles, lifetimes. Below it: how fluctuations diverge (physics.md 6, 8)."""

from sgle.analysis.instability.approach import Fluctuation, SlowModeEnergy, fluctuation, mode_fluctuation
from sgle.analysis.instability.balance import Cycle, NoCycleError, averaged_cycle, harmonic_balance
from sgle.analysis.instability.cycle import CycleMotion, LimitCycle, limit_cycle
from sgle.analysis.instability.growth import Growth, NoGrowthError, growth_rate
from sgle.analysis.instability.lifetime import Exponentiality, Rate, exponential_rate, exponentiality
from sgle.analysis.instability.mode import Mode, fastest_mode
from sgle.analysis.instability.survival import NoEventsError, Passages, Survival, kaplan_meier

__all__ = [
    "Cycle",
    "CycleMotion",
    "Exponentiality",
    "Fluctuation",
    "Growth",
    "LimitCycle",
    "Mode",
    "NoCycleError",
    "NoEventsError",
    "NoGrowthError",
    "Passages",
    "Rate",
    "SlowModeEnergy",
    "Survival",
    "averaged_cycle",
    "exponential_rate",
    "exponentiality",
    "fastest_mode",
    "fluctuation",
    "growth_rate",
    "harmonic_balance",
    "kaplan_meier",
    "limit_cycle",
    "mode_fluctuation",
]
