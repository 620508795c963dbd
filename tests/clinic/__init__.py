"""Tests of the reference host: what it answers to the plugin, its own pages, its settings, and the demo around it."""
