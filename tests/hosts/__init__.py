"""Other hosts than `clinic/`, each deliberately unlike it: what works in one host is proved in none."""
