"""Laws that must hold: conservation, closed forms, relations between runs, traps, cut arrows."""
