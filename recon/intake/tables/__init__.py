"""Tables of banks and programs: files of rows whose columns somebody has to tell the meaning of."""
