"""`recon import` with a mapping and with decisions about doubles and changes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from recon.cli import commands
from recon.intake.mapping import open_table, propose

TABLE = "Dato;Tekst;Beløp\n03.04.2025;a;1.250\n05.06.2025;b;-2.400\n".encode()


def test_a_mapping_in_a_file_reads_a_table_without_a_database(tmp_path: Path) -> None:
    table, mapping = tmp_path / "odd.csv", tmp_path / "odd.json"
    table.write_bytes(TABLE)
    profile = propose(open_table(TABLE, "odd.csv")).profile
    document = profile.to_document() | {"decimal": ",", "date_order": "dmy", "currency": "NOK"}
    mapping.write_text(json.dumps(document), encoding="utf-8")
    asked = ["import", str(table), "--dry-run", "--json"]
    told = CliRunner().invoke(commands, [*asked, "--mapping", str(mapping)], env={"RECON_INSTANCE": str(tmp_path)})
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["sum"] == "-1150.00"
    refused = CliRunner().invoke(commands, asked, env={"RECON_INSTANCE": str(tmp_path)})
    assert "thousands or decimals" in str(refused.exception)


@pytest.mark.parametrize("days", ["2025-01-01", "2025-01-01..later"])
def test_days_that_are_none_are_refused(tmp_path: Path, days: str) -> None:
    (tmp_path / "x.csv").write_bytes(TABLE)
    told = CliRunner().invoke(commands, ["import", str(tmp_path / "x.csv"), "--covers", days])
    assert "are no days" in str(told.exception)
