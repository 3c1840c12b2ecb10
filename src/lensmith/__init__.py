"""Lensmith: a self-hosted, wire-compatible Amazon Rekognition Custom Labels."""

__version__ = "0.1.0"
