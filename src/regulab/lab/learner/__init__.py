"""A learner's progress and the summary at the end."""
