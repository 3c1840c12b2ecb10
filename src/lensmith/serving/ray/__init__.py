"""Units on the nodes of a Ray cluster: one actor a unit, started and ended by the leader."""
