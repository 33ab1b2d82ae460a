"""What metric types are made of: contributions, moments, rows by period, and the larger types' own pieces."""
