"""What every API route shares: pages by cursor, problem documents, conditional requests."""
