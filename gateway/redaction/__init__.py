"""
What may not pass the gate in the clear.
"""
