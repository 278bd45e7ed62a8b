"""Golden playthroughs: orders and reports of two-roads as text, line by line.

To update after a change that is meant:

    KURSKSIM_UPDATE_GOLDEN=1 python -m pytest tests/regression/test_golden_play.py

and look at the difference before it is committed. Where figures of the model changed, that is a results change, for which
``test_golden_runs`` asks a new results version; a change of words alone needs none.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest
from play_kit import desk, transcript

HERE = Path(__file__).parent

HOLDER = """
orders
night_share 95%
axis_shares left=0.3 tip=0.4 right=0.3
end
map
vehicles 30
jamming a2=0.7 B2=0.3
end 3
why
nigth_share 0.5
line Hil
branch stand
counter_attack
counter_attack left
reserve_to tip
end
undo
note the road is getting worse
withdraw
withdraw yes
line Hill
orders
end
clear
end 2
report
log 2
go stand
end 2
charts
branches
notes
books
end 3
"""
ATTACKER = """
orders
leg_shares radio.A2=0.8 radio.B2=0.2
air_shares tip=1
reserve 10%
end 4
leg_shares radio.A2=2
axis_shares left=1 tip=2
clear axis_shares
orders
end 3
raid now
report
end 3
log 1
charts
resign
"""
TWO = """
report
ready
night_share 1
end

orders
air_shares left=1
report holder
end
ready
calendar
rule drones 2025-01-07
note the umpire let the drones wait
books
end

notes
end

notes
end

notes
calendar
report attacker
end
"""
PLAYED = {"holder": (("holder",), HOLDER), "attacker": (("attacker",), ATTACKER),
          "two": (("holder", "attacker", "umpire"), TWO)}  # fmt: skip


@pytest.mark.parametrize("name", PLAYED)
def test_a_game_reads_as_it_did(name: str) -> None:
    seats, lines = PLAYED[name]
    made = transcript(desk(*seats), lines.strip("\n").split("\n"))
    file = HERE / f"golden_play_{name}.txt"
    if os.environ.get("KURSKSIM_UPDATE_GOLDEN"):
        file.write_text(made, encoding="utf-8")
    kept = file.read_text(encoding="utf-8")
    changed = "\n".join(
        difflib.unified_diff(kept.split("\n"), made.split("\n"), "kept", "now", lineterm="", n=1)
    )
    assert made == kept, changed[:4000]
