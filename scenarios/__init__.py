"""Scenarios shipped with kursksim: folders of data, found by ``kursksim.scenario.catalogue``, and short scripts."""
