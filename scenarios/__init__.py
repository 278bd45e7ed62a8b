"""Scenarios shipped with kursksim: data only, found by ``kursksim.scenario.catalogue``."""
