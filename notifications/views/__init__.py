"""Pages for readers, and addresses that providers call."""
