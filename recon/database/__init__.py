"""Where lines, matches and decisions are kept: tables, sessions, bulk in and out, the audit chain, migrations."""
