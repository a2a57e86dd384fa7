"""The user's own images and sounds: files on disk, their classes, their split and their hash."""
