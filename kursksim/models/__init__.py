"""The models of a campaign, a module or more for each slot."""

from kursksim.models import (  # noqa: F401
    air,
    assault,
    combat,
    diplomacy,
    interdiction,
    months,
    no_teams,
    rockets,
    supply,
    weather,
    withdrawal,
)
from kursksim.models.base import DEFAULT_MODELS, SLOTS, Models, ParamInfo, build, param, required

__all__ = ["DEFAULT_MODELS", "SLOTS", "Models", "ParamInfo", "build", "param", "required"]
