"""What goes wrong with a server of ours."""


class EmbeddedError(RuntimeError):
    """A server cannot be found, prepared or started; the message names one thing to do about it."""
