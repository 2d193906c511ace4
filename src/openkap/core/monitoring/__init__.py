"""The state of a dosing session, computed from its events. Pure: the clock comes in as an argument."""
