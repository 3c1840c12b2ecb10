"""Files that are encrypted under a data key; docs/keys.md describes their form."""
