"""Settings: `base` holds everything shared, `production` refuses to start insecurely, `test` is for the suite."""
