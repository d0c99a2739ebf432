"""Measure speed beside other tools, with macro-F1 beside it (extra ``train``)."""
