"""Rows of separated values as columns of text, so many at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv

from recon.intake.stream import BLOCK

TOGETHER = 4
"""Blocks whose cells are copied together: what pyarrow makes of a block holds on to more memory than its cells."""


def text_cells(
    stream: BinaryIO, names: Sequence[str], *, quotes: bool, delimiter: str = ",", above: int = 0
) -> Iterator[pa.Table]:
    """The rows from where the stream stands on, below `above` lines; an empty cell is null. `quotes`: some are quoted.

    Neither the file's bytes nor, if the caller lets go of them, its cells are in memory whole. Raises pa.ArrowInvalid
    for a row of another width and for what is no UTF-8.
    """
    batches = pacsv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=pacsv.ReadOptions(column_names=list(names), skip_rows=above, block_size=BLOCK),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=quotes),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    while some := list(islice(batches, TOGETHER)):
        yield pa.Table.from_batches(some).combine_chunks()
