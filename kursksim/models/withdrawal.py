"""Withdrawal: preparation, a rear line that moves back, main body and rearguard, orderliness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import ClassVar, NamedTuple

from kursksim.arrays import X, least
from kursksim.models.base import param
from kursksim.registry import register

__all__ = ["Orderliness", "PhaseLines", "TwoPart"]


class Orderliness(NamedTuple):
    """The parts of orderliness, each a share of what there was at the order."""

    missing: float
    """Missing and captured since the order, over men present at it."""
    heavy_left: float
    """Heavy equipment left, over heavy equipment present at the order."""
    on_foot: float
    """Men who walked out, over men who came out."""

    @property
    def value(self) -> float:
        """``1 - (0.5 missing + 0.3 heavy_left + 0.2 on_foot)``."""
        return 1 - (0.5 * self.missing + 0.3 * self.heavy_left + 0.2 * self.on_foot)


@register("model/withdrawal", "phase-lines")
@dataclass(frozen=True)
class PhaseLines:
    """Hold → ordered → delay → final.

    The rear line is a level of the distance over held ground to the crossings. It falls by
    ``v_withdraw`` a day; ground nearer to the border than ``final_line_depth`` is kept. The main
    body leaves in waves before the line, the rearguard with it. Those who came out rest and refit,
    and man the strip little by little: it is thin at first.
    """

    CUTS: ClassVar[Mapping[str, Mapping[str, float]]] = {"order-ground": {"prep_days": 1e4}}
    """Preparation never ends: nobody moves after the order, and no ground is vacated."""

    prep_days: float = param(2.8, 1, 4, "day", "days from order to movement", fitted=True)
    v_withdraw: float = param(
        4.4,
        1.6,
        5.5,
        "km/day",
        "speed of the rear line of the withdrawal",
        at_least=0.1,
        fitted=True,
    )
    final_line_depth: float = param(4, 1.2, 5, "km", "depth of the last strip", fitted=True)
    rearguard: float = param(0.2, 0.1, 0.35, "fraction", "share left as rearguard", at_most=1)
    trap_loss: float = param(0.02, 0.01, 0.06, "1/day", "daily loss of cut-off men", at_most=1)
    breakout: float = param(
        0.15, 0.05, 0.3, "1/day", "share of cut-off men who get out in a day", at_most=1
    )
    overrun: float = param(
        0.02, 0.0, 0.06, "1/km", "share of a rearguard overrun per km taken from it", at_most=1
    )
    culmination: float = param(
        0.4, 0.2, 1, "factor", "attacker's strength at the end of a long pursuit", at_least=0.01
    )
    pursuit_km: float = param(10, 5, 20, "km", "length of a pursuit that culminates", at_least=0.1)
    recovery: float = param(
        0.01, 0.0, 0.03, "1/day", "daily recovery of a culminated attacker", at_most=1
    )
    refit_days: float = param(
        21,
        7,
        45,
        "day",
        "mean days that men who came out rest and refit before they man the last strip",
        at_least=1,
    )
    prep_border: float = param(
        0.8, 0.4, 1, "fraction", "preparation of the last strip when it is manned", at_most=1
    )
    across_share: float = param(
        0.5, 0.3, 0.7, "fraction", "share of the border brigades on the axis across it", at_most=1
    )
    heavy_0: float = param(250, 120, 400, "veh", "heavy equipment in the held ground on day 0")
    seats: float = param(10, 6, 16, "men/veh", "men that ride out on one vehicle", at_least=1)
    column_share: float = param(
        0.5,
        0.3,
        0.8,
        "fraction",
        "share of the serviceable vehicles lent to the columns",
        at_most=1,
    )
    foot_km_h: float = param(3.4, 3.2, 4, "km/h", "speed of men on foot", at_least=0.1)
    foot_risk: float = param(
        0.1, 0.02, 0.3, "factor", "exposure of a group on foot against a vehicle", at_most=1
    )
    rider_loss: float = param(
        0.35,
        0.15,
        0.6,
        "fraction",
        "share of riders killed or wounded with their vehicle",
        at_most=1,
    )
    closing_floor: float = param(
        0.05, 0.02, 0.1, "km/day", "least closing speed that a staff reckons with", at_least=1e-6
    )

    def line_km(self, depth_0_km: float, days_since_order: float) -> float:
        """Level of the rear line, km from the crossings; above it ground is vacated."""
        return depth_0_km - self.v_withdraw * max(0.0, days_since_order - self.prep_days)

    @property
    def first_night(self) -> int:
        """Days from the order to the first night of columns."""
        # The night after the dusk at which movement begins; orders are carried out a day later.
        return max(2, floor(self.prep_days) + 1)

    def nights(self, depth_0_km: float) -> int:
        """Nights of columns before the rear line stands on the last strip; at least one."""
        moving_days = (depth_0_km - self.final_line_depth) / self.v_withdraw
        last = ceil(moving_days + self.prep_days - 1 - 1e-9)  # rounding must not add a night
        return max(1, last - self.first_night + 1)

    def moving(self, days_since_order: float) -> bool:
        """Whether the columns are on the road."""
        return days_since_order > self.prep_days

    def exit_days(self, depth_km: float) -> float:
        """Days that it would take to leave, from the start of movement on."""
        return depth_km / self.v_withdraw

    def close_days(self, width_km: float, closing_km_day: float) -> float:
        """Days until the corridor is closed at the present speed."""
        return width_km / max(self.closing_floor, closing_km_day)

    def tired(self, pursued_km: X) -> X:
        """Factor on the attacker's power after a pursuit of that length."""
        found: X = 1 - (1 - self.culmination) * least(1.0, pursued_km / self.pursuit_km)
        return found

    def refitted(self, days: float) -> float:
        """Share of the men who came out that is back in the line after some days."""
        # Every day one in ``refit_days`` of those who still rest comes back.
        return 1 - float((1 - 1 / self.refit_days) ** days)

    @staticmethod
    def orderliness(
        missing: float,
        men_at_order: float,
        heavy_left: float,
        heavy_at_order: float,
        on_foot: float,
        out: float,
    ) -> Orderliness:
        """Return orderliness by its parts; a part without a denominator counts as 0."""
        return Orderliness(
            missing / men_at_order if men_at_order > 0 else 0.0,
            heavy_left / heavy_at_order if heavy_at_order > 0 else 0.0,
            on_foot / out if out > 0 else 0.0,
        )


@register("model/withdrawal", "two-part")
@dataclass(frozen=True)
class TwoPart(PhaseLines):
    """As ``phase-lines``, after a standing order under which the rear leaves night by night.

    By the standing order a share of the men on each axis leaves every night, with as much of the
    heavy equipment, until so few are left that the line needs them all. Ground is given up only
    after the order to withdraw, which comes on a day of its own.
    """

    thins: ClassVar[bool] = True

    thin_share: float = param(
        0.03, 0.01, 0.1, "1/day", "share of the men who leave in a night of thinning", at_most=1
    )
    thin_floor: float = param(
        0.5, 0.3, 0.8, "fraction", "share of the men who stay until the order", at_most=1
    )

    def thinned(self, men: float, committed: float) -> float:
        """Share of the men present who leave tonight by the standing order.

        Parameters
        ----------
        men : float
            Men on the axes.
        committed : float
            All men who have come to the campaign.
        """
        if men <= 0:
            return 0.0
        return max(0.0, min(self.thin_share, 1.0 - self.thin_floor * committed / men))
