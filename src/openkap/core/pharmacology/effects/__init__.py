"""What concentrations do: each effect names the site and analyte it needs, and says how far it may be
trusted.
"""
