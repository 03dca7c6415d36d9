"""Convert the values that sites write, and read a document's body."""
