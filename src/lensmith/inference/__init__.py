"""From image bytes to predictions with the exported model."""
