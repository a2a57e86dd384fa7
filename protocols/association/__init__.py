"""Association of images and sounds."""
