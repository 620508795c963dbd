"""Who read or wrote what. Append-only, no keys, no values: ids as text and names of fields."""
