"""A learner's progress and the summary at the end.

May import: `grading`, `authoring` and `pages`; it is used by the server and by the command line.
"""
