"""The families of columns of the customer table, one file each."""
