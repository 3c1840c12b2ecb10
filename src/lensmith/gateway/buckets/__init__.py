"""Operations on buckets that the records answer."""
