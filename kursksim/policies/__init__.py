"""Decision rules, one file each: a new rule is one file with one registered class."""

from kursksim.policies import (  # noqa: F401
    attacker_frontal,
    attacker_orders,
    attacker_shaping,
    holder_crossings,
    holder_expected_value,
    holder_fixed_date,
    holder_never,
    holder_orders,
    holder_threshold,
)
from kursksim.policies.base import Policy, build_policy, split_spec

__all__ = ["Policy", "build_policy", "split_spec"]
