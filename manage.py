#!/usr/bin/env python
"""Django's command line for Huifang."""

import os
import sys


def main() -> None:
    """Run one management command with this project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_site.settings")
    from crm_site.core.commandline import run

    run(sys.argv)


if __name__ == "__main__":
    main()
