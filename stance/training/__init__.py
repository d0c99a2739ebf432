"""Train, calibrate, measure and export models (extra ``train``)."""
