"""`python -m acceptance [theme] [--only WORD]`."""

from __future__ import annotations

import argparse
import sys

from acceptance import agenda, check, lines_in, main_job, rule_quality, rule_stories, trials

THEMES = {
    "main-job": main_job.CHECKS,
    "rules": [*rule_stories.CHECKS, *agenda.CHECKS, *trials.CHECKS, *rule_quality.CHECKS],
    "lines-in": lines_in.CHECKS,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/acceptance", description="What the issues ask, measured.")
    parser.add_argument("theme", nargs="?", choices=THEMES, help="one theme; all without")
    parser.add_argument("--only", default="", metavar="WORD", help="checks whose name contains this word")
    args = parser.parse_args()
    themes = [args.theme] if args.theme else list(THEMES)
    held = [check.run(THEMES[theme], args.only) for theme in themes]
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
