"""The floor under `recon match`: read both files, join on reference and amount, on amount and date, write the pairs."""

import sys

import duckdb

left, right, out = sys.argv[1:]
duckdb.execute(f"create table l as from '{left}'; create table r as from '{right}'")
duckdb.execute(f"""copy (
    select l.id, r.id, 1 from l join r using (reference, amount) union all
    select l.id, r.id, 2 from l join r using (amount, booking_date)) to '{out}'""")
