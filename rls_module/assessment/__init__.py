"""The assessment room: the nerve and vessel screen, red flags, and what the body shows."""
