"""Scenarios shipped with kursksim as folders of data, and short scripts."""
