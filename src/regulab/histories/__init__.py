"""What training leaves behind: measures per epoch, on disk and in memory. Never imports Keras."""
