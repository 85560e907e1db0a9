"""Facts in, verdict out: the rules of a check, and how they are judged.

May import: the standard library. Both sides of the trust boundary use it, so it belongs to neither.
"""
