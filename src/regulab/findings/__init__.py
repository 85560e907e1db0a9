"""Answers drawn from histories and example losses. Never imports Keras."""
