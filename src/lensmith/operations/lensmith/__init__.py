"""Operations that AWS does not have."""
