"""The register and the audiences over HTTP."""
