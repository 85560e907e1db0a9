"""What runs in the learner's kernel: the kernel itself, and the facts that it hands out.

May import: ipykernel, NumPy, `regulab.data` and `regulab.ipython`, and of the lab nothing outside this package.
"""
