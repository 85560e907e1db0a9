"""What one training's curves show. Never imports Keras."""
