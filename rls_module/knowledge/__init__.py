"""Clinical knowledge: instruments, vocabularies, shipped protocols and decision rules. Pure Python, no framework."""
