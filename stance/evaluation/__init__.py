"""How good models are: metrics with intervals, calibration, tables and figures."""
