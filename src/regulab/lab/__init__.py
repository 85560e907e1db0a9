"""Guided sessions: folders of text, the checks that judge a learner's kernel, and the static preview."""
