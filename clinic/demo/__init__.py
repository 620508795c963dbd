"""The demo around the reference host: synthetic people, a clock to advance, an inbox, one command. Never live."""
