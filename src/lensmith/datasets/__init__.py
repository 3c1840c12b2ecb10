"""Jobs that fill, change and delete datasets."""
