"""Histories from what other tools left, one module a format."""

from regulab.histories.readers.detect import read_log as read_log

__all__ = ["read_log"]
