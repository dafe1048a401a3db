"""The demo: settings for one machine, a mail server whose mail can be read, and a story told through the services."""
