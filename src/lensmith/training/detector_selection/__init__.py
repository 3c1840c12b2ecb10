"""Choice among detectors by held-out pictures."""
