"""Metrics as entries of the catalogue: which can be measured, in what order, as metric rows, with what behind them."""
