"""System checks: what is wrong with an installation, in words, each with an id and a hint."""

from __future__ import annotations

from rls_module.checks import configuration, databases, hardening

__all__ = ["configuration", "databases", "hardening"]
