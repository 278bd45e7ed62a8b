"""Calibration: a bank of parameter sets weighed by the record, forecasts of unseen days."""
