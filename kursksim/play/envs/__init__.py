"""Environments for learning agents: one side in Gymnasium, both in PettingZoo. One step is one day.

The agents play the same campaign, under the same rules, as a person at the board or a rule policy:

- **observation**: what ``Game.observe`` tells the side, as named arrays
  (``kursksim.play.envs.observations``);
- **action**: orders for the next day, as a vector of small whole numbers; zeros play as the staff
  suggests, and every element of the space means legal orders (``kursksim.play.envs.actions``);
- **mask**: what the day allows, flat, a 0 or 1 for every level of every part of an action;
- **reward**: a weighted sum of leverage, men, equipment and exposure
  (``kursksim.play.envs.reward``);
- **terminated**: the campaign has an outcome: a ceasefire is kept, or no ground is held beyond the
  border;
- **truncated**: it came to its last day without one.

>>> import gymnasium
>>> import kursksim.play.envs
>>> env = gymnasium.make("kursksim/Command-v0", scenario="two-roads", side="holder")
>>> observation, info = env.reset(seed=7)
>>> action = env.action_space.sample(info["action_mask"])
>>> observation, reward, terminated, truncated, info = env.step(action)

Without an import of its own, a program makes it as ``kursksim.play.envs:kursksim/Command-v0``.

``reset(seed=...)`` names the luck of the campaign: with the same seed and the same orders
``kursksim.run`` and ``Game`` play it to the last digit. A reset without one draws the next seed;
``info["seed"]`` has it. Of the options of a reset ``replication`` is read, others are ignored.
"""

from kursksim.errors import BadUse
from kursksim.extras import advice

try:
    import gymnasium  # noqa: F401 - the modules below need both
    import pettingzoo  # noqa: F401
except ImportError as missing:
    raise BadUse(f"environments need {missing.name}: {advice('game')}") from None

from kursksim.env_ids import ENV_ID
from kursksim.play.envs.both import BothSides
from kursksim.play.envs.env import CommandEnv, parallel_env
from kursksim.play.envs.flat import FlatSides
from kursksim.play.envs.reward import AttackerWeights, HolderWeights

__all__ = [
    "ENV_ID",
    "AttackerWeights",
    "BothSides",
    "CommandEnv",
    "FlatSides",
    "HolderWeights",
    "parallel_env",
]
