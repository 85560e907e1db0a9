"""Guided sessions alongside a notebook.

A trust boundary runs through the lab: `kernel` runs with the learner's code, `server` judges what it made, and neither
imports the other. What is asked of the kernel is text, which `grading.probes` holds; what comes back is JSON.
"""
