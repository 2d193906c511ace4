"""Pages and endpoints of dosing sessions."""
