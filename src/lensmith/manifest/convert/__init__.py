"""Other label formats to manifest lines and back, without reading or writing a file."""
