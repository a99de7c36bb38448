"""Pages that show a whole selection at once."""
