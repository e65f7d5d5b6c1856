"""`python -m acceptance.peers`: replay every scenario, print the table of what cannot be said and what differs."""

from __future__ import annotations

import sys

from acceptance.peers.table import replay_all


def main() -> None:
    results = replay_all()
    print(results.markdown())
    sys.exit(0 if results.holds else 1)


if __name__ == "__main__":
    main()
