"""The mean field: the same campaign as differential equations, without luck and without SimPy."""
