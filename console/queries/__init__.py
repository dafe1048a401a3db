"""What the pages show, read from several rooms at once."""
