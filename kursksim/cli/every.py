"""All commands: each module registers its own on the one program, in the order of the help."""

from kursksim.cli import app_play, app_why  # isort: skip
from kursksim.cli import app_contest  # isort: skip
from kursksim.cli.app_many import app

__all__ = ["app", "app_contest", "app_play", "app_why"]
