"""Training of a classifier: frozen features against fine-tuning."""
