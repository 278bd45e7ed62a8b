"""A person at the board: the screen, the words, the report, files between two machines."""
