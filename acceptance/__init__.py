"""What the issues ask, measured: one theme an issue, one line a figure. Started by `script/acceptance [theme]`."""
