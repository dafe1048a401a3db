"""Floor 9: messages, deliveries (the outbox) and transports."""
