"""Sample exports: those shipped with the program, and the seeded generator of any others."""
