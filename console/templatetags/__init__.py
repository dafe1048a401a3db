"""What the HTML templates of the console call."""
