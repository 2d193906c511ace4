"""Pages that belong to no single app: Today, chart, gallery, own settings, errors."""
