"""Floor 5: the communication policy as data. It decides over a `Facts` value and knows no incident."""
