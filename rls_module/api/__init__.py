"""The REST API v1, to read: what other systems of the clinic may see, through the same gate as the pages."""
