"""Training a study: all members side by side on the same batches, with Keras's own steps."""
