"""Operations on objects that are more than a stream."""
