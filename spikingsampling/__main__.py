"""``python -m spikingsampling`` does the same as the command ``spikingsampling``."""

from .cli import main

if __name__ == "__main__":
    main()
