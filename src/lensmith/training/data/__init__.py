"""Pictures and boxes as arrays; augmentation, folds and prefetching."""
