"""The records: tables in SQL, one file per noun."""
