"""`python -m engagement_cli` is the command `engagement`."""

from engagement_cli.app import main

if __name__ == "__main__":
    main()
