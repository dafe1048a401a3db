"""One module per room of the console."""
