"""Compiled kernels that train chains of dense layers, many models at once; README.md in this folder is the design note.

The rest of regulab knows this package through `training.runner.Runner` alone, and `training.backends` chooses it.
"""
