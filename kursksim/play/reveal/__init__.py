"""A game laid open: other courses on the same luck, regret, hindsight, what was public then."""
