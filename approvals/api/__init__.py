"""Routes of reviews, releases and what decides between them: one file per noun."""
