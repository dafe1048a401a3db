"""The public status page: what is public, the files it is published as, and the process that serves them."""
