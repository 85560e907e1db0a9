"""Guided sessions alongside a notebook."""
