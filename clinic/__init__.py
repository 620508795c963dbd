"""The reference host: a small clinic system with two clinics in one database, into which `rls_module` is installed."""
