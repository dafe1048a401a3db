"""What the public page says, as plain values."""
