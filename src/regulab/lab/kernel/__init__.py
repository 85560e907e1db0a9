"""What runs in the learner's kernel. Imports nothing of the server: whatever runs here can be forged by the learner."""
