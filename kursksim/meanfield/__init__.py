"""The chain in the mean: the same campaign as differential equations, without luck and without SimPy."""
