"""What all drawn sets share: the canvas, the camera, the lines of their manifests."""
