"""Where the program finds its own files, and the one folder it writes to.

In a checkout these stand beside `pyproject.toml`; in an installed package a copy lies inside it (`recon/_data`,
put there by the wheel build).
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).parent


def checkout() -> Path | None:
    """The folder of the checkout this code runs from; None when it runs as an installed package."""
    folder = PACKAGE.parent
    return folder if (folder / "pyproject.toml").is_file() and (folder / "templates").is_dir() else None


def shipped(name: str) -> Path:
    """The folder `name` ("templates", "translations") as shipped: the checkout's own, else the packaged copy."""
    return (checkout() or PACKAGE / "_data") / name


def instance() -> Path:
    """The folder for the database, secrets, stored files and logs; it need not exist yet.

    `$RECON_INSTANCE`, else `instance` in the checkout, else `instance` in the current folder.
    """
    if named := os.environ.get("RECON_INSTANCE"):
        return Path(named).absolute()
    return (checkout() or Path.cwd()) / "instance"
