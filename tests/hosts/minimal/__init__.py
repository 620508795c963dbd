"""A host that differs wherever it may: text keys, e-mail users without a name, a login wall, no visits, no admin."""
