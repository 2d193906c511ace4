"""Core values to and from FHIR R4 JSON. No network, no framework."""
