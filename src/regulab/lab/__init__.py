"""Guided sessions beside a notebook."""
