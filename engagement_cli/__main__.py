"""The command `engagement`, which is `python -m engagement_cli` too."""

import gc


def start() -> None:
    """Import the program and run it."""
    gc.disable()  # what is imported stays, and need not be looked through; the program collects again
    from engagement_cli.app import main

    main()


if __name__ == "__main__":
    start()
