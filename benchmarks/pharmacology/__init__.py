"""How fast the pharmacokinetic engine is, beside others, in one run: `python -m benchmarks.pharmacology`."""
