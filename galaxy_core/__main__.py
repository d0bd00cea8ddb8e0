"""`python -m galaxy_core` is the command `galaxy`."""

from galaxy_core.cli import main

if __name__ == "__main__":
    main()
