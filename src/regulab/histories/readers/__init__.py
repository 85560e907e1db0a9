"""Histories from what other tools left, one module a format."""
