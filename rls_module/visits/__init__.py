"""Charting one visit and signing it."""
