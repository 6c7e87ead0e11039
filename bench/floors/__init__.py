"""The least that could do the work, each in some fifty lines (`bench/measure.py`)."""
