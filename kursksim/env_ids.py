"""The environment's name in Gymnasium's registry, registered without loading the environment."""

from __future__ import annotations

__all__ = ["ENV_ID", "register_envs"]

ENV_ID = "kursksim/Command-v0"


def register_envs() -> None:
    """Register the environment with Gymnasium; a second call changes nothing.

    This is the entry point of the group ``gymnasium.envs``, for programs that read that group.
    Gymnasium itself did so up to 0.29. Since 1.0 the name carries the module instead:
    ``gymnasium.make("kursksim.play.envs:kursksim/Command-v0")``.
    """
    from gymnasium.envs.registration import register, registry

    if ENV_ID not in registry:
        register(ENV_ID, entry_point="kursksim.play.envs:CommandEnv")
