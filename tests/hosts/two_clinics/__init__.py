"""A host of two clinics, a database each: users shared, patients' keys the same, every role that a clinic has."""
