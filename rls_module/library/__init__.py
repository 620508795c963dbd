"""The library: what a clinic keeps in tables. Exercises, policy, licences. No patient is in here."""
