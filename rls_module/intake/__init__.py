"""Finding out whether the pattern fits: the screen, and what was decided on it."""
