"""Parameters weighed by the record: a bank of sets, their weights, forecasts of unseen days, known truths."""
