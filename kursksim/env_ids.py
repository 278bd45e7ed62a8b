"""The name of the environment in Gymnasium's registry, made known without loading the environment."""

from __future__ import annotations

__all__ = ["ENV_ID", "register_envs"]

ENV_ID = "kursksim/Command-v0"


def register_envs() -> None:
    """Make the environment known to Gymnasium; done twice, it is as done once.

    The entry point of the group ``gymnasium.envs``, for programs that read that group. Gymnasium itself did up to
    0.29; since 1.0 a module is named instead: ``gymnasium.make("kursksim.play.envs:kursksim/Command-v0")``.
    """
    from gymnasium.envs.registration import register, registry

    if ENV_ID not in registry:
        register(ENV_ID, entry_point="kursksim.play.envs:CommandEnv")
