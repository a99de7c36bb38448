"""Pages that show the text of reviews."""
