"""Pictures and boxes as arrays, and how they are augmented and split."""
