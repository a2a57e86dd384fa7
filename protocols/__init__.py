"""One experiment per module; each is a script too."""
