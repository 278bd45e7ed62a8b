"""The models of a campaign: weather, supply, interdiction, air, combat, withdrawal, diplomacy."""

from kursksim.models import (  # noqa: F401
    air,
    combat,
    diplomacy,
    interdiction,
    supply,
    weather,
    withdrawal,
)
from kursksim.models.base import DEFAULT_MODELS, SLOTS, Models, ParamInfo, build, param, required

__all__ = ["DEFAULT_MODELS", "SLOTS", "Models", "ParamInfo", "build", "param", "required"]
