"""Folders that are complete and never change, kept under their digest: models, snapshots."""
