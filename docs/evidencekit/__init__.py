"""Parts of the evidence page: what is played for it, its tables, its first screen, its text."""
