"""Histories from what other tools left, one module a format."""

from regulab.histories.readers.log import read_log as read_log

__all__ = ["read_log"]
