"""The extension of the Jupyter server: it never runs what a learner wrote."""
