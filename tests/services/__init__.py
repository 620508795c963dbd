"""The servers and programs that tests talk to: PostgreSQL, SMTP, Chromium. Their fixtures are in tests/conftest.py."""
