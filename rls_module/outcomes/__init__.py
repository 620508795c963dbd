"""Reads only: the worklist, the chart page, its timeline and trends."""
