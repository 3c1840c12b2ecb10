"""Makes the INT8 file of a network: ranges from pictures, weights and activations in 8 bits."""
