"""Entries as people see and change them: labels, boxes in pixels, errors."""
