"""Several trainings: paired differences, selection, recommendation, conclusion. Never imports Keras."""
