"""mrgsolve as an outside judge of our dosing records and exports: `python -m tools.mrgsolve_check`.

Needs R with `mrgsolve` and `jsonlite`; `OPENKAP_RSCRIPT` names the Rscript that has them. What it says is kept
in `tests/reference`, so that the tests need no R. mrgsolve is run, never read: none of its code is here.
"""
