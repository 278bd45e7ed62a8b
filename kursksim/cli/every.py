"""All commands: each module registers its own on the one program, in the order of the help."""

# isort: off
from kursksim.cli.app_many import app
from kursksim.cli import app_play, app_why
from kursksim.cli import app_contest, app_replay, app_sheets
# isort: on

__all__ = ["app", "app_contest", "app_play", "app_replay", "app_sheets", "app_why"]
