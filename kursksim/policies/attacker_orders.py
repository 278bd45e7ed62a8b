"""The attacker's orders, given by a person or a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kursksim.models.base import param
from kursksim.observation import Observation
from kursksim.orders import AttackerOrders, Decision
from kursksim.policies.attacker_shaping import Shaping
from kursksim.policies.base import Context, decision
from kursksim.policies.memory import memory_of, recall
from kursksim.policies.scripted import laid_over, read_script
from kursksim.registry import register

__all__ = ["AttackerScript"]


@register("policy/attacker", "orders")
@dataclass
class AttackerScript:
    """``orders:FILE.json``: fields given for an evening replace those of the shaping rule."""

    context: Context
    flank_weight: float = param(1.1, 0, 2.2, "-", "preference for the flanks")
    val_road: float = param(
        1.2, 0, 2, "-", "weight of closing on the road in the attacker's choice"
    )
    val_ground: float = param(
        0.75, 0, 1, "-", "weight of ground (frontage share) in the attacker's choice"
    )
    gain_scale: float = param(0.5, 0, 1, "share of the road", "gain of reach that counts in full")
    val_reports: float = param(
        0.0, 0, 2, "-", "weight of the reported attacks in the attacker's plan"
    )
    alloc_beta: float = param(0.9, 0.4, 2, "-", "sharpness of the allocation")
    alloc_cap: float = param(0.55, 0.3, 0.6, "fraction", "largest share on one axis", at_most=1)
    staff: Shaping = field(init=False)
    script: Mapping[int, Mapping[str, Any]] = field(init=False)
    reason: Decision = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.staff = Shaping(
            self.context,
            flank_weight=self.flank_weight,
            val_road=self.val_road,
            val_ground=self.val_ground,
            gain_scale=self.gain_scale,
            val_reports=self.val_reports,
            alloc_beta=self.alloc_beta,
            alloc_cap=self.alloc_cap,
        )
        self.script = read_script(self.context)

    def memory(self) -> dict[str, Any]:
        """What the staff remembers; the script is read again from its file."""
        return memory_of(self.staff, self.context.side)

    def recall(self, data: Mapping[str, Any]) -> None:
        """Let the staff remember it again."""
        recall(self.staff, data)

    def decide(self, observation: Observation) -> AttackerOrders:
        """Return the orders for the next day."""
        entry = self.script.get(observation.day, {})
        made = laid_over(self.staff.decide(observation), entry)
        self.reason = decision(
            self.context,
            observation,
            known=self.staff.reason.known,
            options=("as given", "as suggested"),
            choice="as given" if entry else "as suggested",
            rule="orders given for this evening" if entry else "no orders for this evening",
        )
        return made  # type: ignore[return-value]
