"""Pages that weigh: papers and reviews that need a second look, annotators, decisions."""
