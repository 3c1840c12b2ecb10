"""Lists of a large installation against those of a small one."""
