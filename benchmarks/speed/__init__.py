"""How fast regulab is beside stock Keras, Keras with sparse input, scikit-learn and PyTorch.

`parts` holds one module a question, `contenders` one a program that is measured. Every contender runs in a process
of its own; those of one case take turns, so that a busy minute of the machine falls on all of them.
"""
