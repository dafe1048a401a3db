"""The API of this room."""
