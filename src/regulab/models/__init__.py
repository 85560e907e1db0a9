"""Keras model surgery: reading, cloning, rebuilding and changing models."""
