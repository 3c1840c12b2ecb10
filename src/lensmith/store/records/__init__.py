"""The records: every row that Lensmith remembers, one file a noun."""
