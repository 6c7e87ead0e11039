"""Product beside floor, in one run: `python -m bench`; its rules: `measure.py`."""
